// Adds two binary16 numbers, to nearest even.
// flags: {invalid, divide by zero, overflow, underflow, inexact}. A sum below the least normal number is exact: there is no underflow.
//
// STICKY = 0 plants a defect that hardware is known for: what the alignment shifts out is dropped, so that sums just above a tie are taken for ties.
module binary16_add
  import binary16_pkg::*;
#(
    parameter STICKY = 1
) (
    input  logic [WIDTH-1:0] a,
    input  logic [WIDTH-1:0] b,
    output logic [WIDTH-1:0] y,
    output logic [4:0] flags
);
  localparam int M = TRAILING_BITS;  // 10

  logic [WIDTH-1:0] greater, lesser;
  logic subtract, greater_nan, lesser_nan, signals, lost;
  logic [5:0] greater_exp, lesser_exp, distance, exponent;
  logic [M+4:0] greater_sig, lesser_sig, aligned, sum;  // carry, integer bit, fraction, guard, round, sticky
  logic up;
  logic [WIDTH:0] magnitude;

  function automatic logic is_nan(input logic [WIDTH-1:0] x);
    return x[WIDTH-2:0] > POSITIVE_INFINITY[WIDTH-2:0];
  endfunction

  function automatic logic is_signalling(input logic [WIDTH-1:0] x);
    return is_nan(x) && !x[M-1];
  endfunction

  always @* begin
    {greater, lesser} = a[WIDTH-2:0] >= b[WIDTH-2:0] ? {a, b} : {b, a};
    subtract = a[WIDTH-1] ^ b[WIDTH-1];
    greater_nan = is_nan(greater);
    lesser_nan = is_nan(lesser);
    signals = is_signalling(a) | is_signalling(b);

    greater_exp = greater[WIDTH-2:M] != 0 ? 6'(greater[WIDTH-2:M]) : 6'd1;
    lesser_exp = lesser[WIDTH-2:M] != 0 ? 6'(lesser[WIDTH-2:M]) : 6'd1;
    greater_sig = {1'b0, greater[WIDTH-2:M] != 0, greater[M-1:0], 3'b0};
    lesser_sig = {1'b0, lesser[WIDTH-2:M] != 0, lesser[M-1:0], 3'b0};
    distance = greater_exp - lesser_exp;
    aligned = lesser_sig >> distance;
    lost = (aligned << distance) != lesser_sig;
    aligned[0] = aligned[0] | (STICKY && lost);
    sum = subtract ? greater_sig - aligned : greater_sig + aligned;
    exponent = greater_exp;

    if (sum[M+4]) begin
      sum = {1'b0, sum[M+4:2], sum[1] | sum[0]};
      exponent = exponent + 6'd1;
    end
    for (int i = 0; i < M + 4; i++)
      if (!sum[M+3] && exponent > 6'd1) begin
        sum = sum << 1;
        exponent = exponent - 6'd1;
      end

    up = sum[2] & (sum[1] | sum[0] | sum[3]);
    magnitude = {exponent - 6'(!sum[M+3]), sum[M+2:3]} + 17'(up);

    flags = 5'b0;
    if (greater_nan || lesser_nan) begin
      y = NAN;
      flags[4] = signals;
    end else if (greater[WIDTH-2:0] == POSITIVE_INFINITY[WIDTH-2:0]) begin
      y = subtract && lesser[WIDTH-2:0] == greater[WIDTH-2:0] ? NAN : greater;
      flags[4] = subtract && lesser[WIDTH-2:0] == greater[WIDTH-2:0];
    end else if (sum == 0) y = {subtract ? 1'b0 : a[WIDTH-1], {(WIDTH - 1) {1'b0}}};
    else if (magnitude >= 17'(POSITIVE_INFINITY)) begin
      y = {greater[WIDTH-1], POSITIVE_INFINITY[WIDTH-2:0]};
      flags = 5'b00101;
    end else begin
      y = {greater[WIDTH-1], magnitude[WIDTH-2:0]};
      flags[0] = |sum[2:0];
    end
  end
endmodule
