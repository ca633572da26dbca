// Holds a unit of two operands to a file of vectors, one word a line ($readmemh): a, b, result, flags, of WIDTH, WIDTH, WIDTH and 8 bits.
// Every case that the unit answered is written as TestFloat text, for 'refmath verify'.
//
//   +vectors=FILE  the file        +count=N  its cases        +results=FILE  what the unit answered
`timescale 1ns / 1ps
module vectors_tb;
  localparam int WIDTH = `DUT_WIDTH;
  localparam int MOST = 1 << 20;

  logic [3*WIDTH+7:0] words[MOST];
  logic [WIDTH-1:0] a, b, y, expected;
  logic [7:0] expected_flags;
  logic [4:0] flags;
  int count, wrong, results;
  string vectors, answers;

  `DUT dut (
      .a(a),
      .b(b),
      .y(y),
      .flags(flags)
  );

  // Hexadecimal digits, capitals as TestFloat has them, and what follows them.
  task put(input [63:0] value, input int digits, input [7:0] after);
    logic [3:0] digit;
    for (int i = digits - 1; i >= 0; i--) begin
      digit = value >> 4 * i;
      $fwrite(results, "%c", digit < 10 ? 8'h30 + digit : 8'h37 + digit);
    end
    $fwrite(results, "%c", after);
  endtask

  initial begin
    if (!$value$plusargs("vectors=%s", vectors) || !$value$plusargs("count=%d", count) || !$value$plusargs("results=%s", answers))
      $fatal(1, "+vectors=FILE +count=N +results=FILE are needed");
    if (count > MOST) $fatal(1, "at most %0d cases", MOST);
    $readmemh(vectors, words, 0, count - 1);
    results = $fopen(answers, "w");
    for (int i = 0; i < count; i++) begin
      {a, b, expected, expected_flags} = words[i];
      #1;
      if (y !== expected || flags !== expected_flags[4:0]) wrong++;
      put(a, WIDTH / 4, " ");
      put(b, WIDTH / 4, " ");
      put(y, WIDTH / 4, " ");
      put(flags, 2, "\n");
    end
    $fclose(results);
    $display("%0d cases, %0d wrong: %s", count, wrong, wrong == 0 && count > 0 ? "PASS" : "FAIL");
    $finish;
  end
endmodule
