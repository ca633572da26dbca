"""What a person looks at: lines with colour on a terminal, the same text alone elsewhere."""
