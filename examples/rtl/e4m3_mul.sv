// Multiplies two OCP E4M3 numbers, to nearest even; overflow gives NaN, as without saturation.
// flags: {invalid, divide by zero, overflow, underflow, inexact}.
//
// TININESS_AFTER = 0 plants a defect that hardware is known for: underflow is detected before rounding, so that a product which rounds up to the
// least normal number raises underflow though it is not tiny.
module e4m3_mul
  import ocp_e4m3_pkg::*;
#(
    parameter TININESS_AFTER = 1
) (
    input  logic [WIDTH-1:0] a,
    input  logic [WIDTH-1:0] b,
    output logic [WIDTH-1:0] y,
    output logic [4:0] flags
);
  localparam int P = PRECISION;       // 4
  localparam int M = TRAILING_BITS;   // 3

  logic sign, a_normal, b_normal, a_nan, b_nan, zero;
  logic [P-1:0] a_sig, b_sig;
  logic signed [7:0] a_exp, b_exp, top, distance;
  logic [2*P-1:0] product, normal;
  logic [31:0] shifted;
  logic [P-1:0] kept;
  logic guard, sticky, up, inexact, tiny, reaches_normal;
  logic signed [7:0] field;
  logic [9:0] magnitude;

  always @* begin
    sign = a[WIDTH-1] ^ b[WIDTH-1];
    a_nan = a[WIDTH-2:0] == NAN[WIDTH-2:0];
    b_nan = b[WIDTH-2:0] == NAN[WIDTH-2:0];
    a_normal = a[WIDTH-2:M] != 0;
    b_normal = b[WIDTH-2:M] != 0;
    a_sig = {a_normal, a[M-1:0]};
    b_sig = {b_normal, b[M-1:0]};
    a_exp = a_normal ? 8'(a[WIDTH-2:M]) : 8'sd1;
    b_exp = b_normal ? 8'(b[WIDTH-2:M]) : 8'sd1;
    product = a_sig * b_sig;
    zero = product == 0;

    // The product is normal * 2^(top - 7), with its leading bit at bit 7.
    normal = product;
    top = a_exp + b_exp - 8'(2 * BIAS) + 8'sd1;
    for (int i = 0; i < 2 * P; i++)
      if (!normal[2*P-1] && !zero) begin
        normal = normal << 1;
        top = top - 8'sd1;
      end

    // Below the least binade of full precision the significand moves right.
    distance = top < EMIN ? 8'(EMIN) - top : 8'sd0;
    shifted = {normal, 24'b0} >> distance;
    kept = shifted[31-:P];
    guard = shifted[31-P];
    sticky = |shifted[30-P:0];
    inexact = guard | sticky;
    up = guard & (sticky | kept[0]);
    field = top < EMIN ? 8'sd0 : top + 8'(BIAS);
    magnitude = 10'({field, kept[M-1:0]}) + 10'(up);

    // Tiny after rounding: with exponents that have no least one, the result would still be below the least normal number.
    reaches_normal = top == 8'(EMIN - 1) && &normal[2*P-1-:P] && normal[P-1] && (|normal[P-2:0] || normal[P]);
    tiny = top < EMIN && !(TININESS_AFTER && reaches_normal);

    flags = 5'b0;
    if (a_nan || b_nan) y = NAN;
    else if (zero) y = {sign, {(WIDTH - 1) {1'b0}}};
    else if (magnitude > 10'(MAX_FINITE)) begin
      y = NAN;
      flags = 5'b00101;
    end else begin
      y = {sign, magnitude[WIDTH-2:0]};
      flags[0] = inexact;
      flags[1] = inexact & tiny;
    end
  end
endmodule
