#!/usr/bin/env bash
# prove255.sh - SAT: (u + (u >> 8)) >> 8 with u = p + 128, as px_mul.v has it, is p / 255 rounded, for every p up to 65025. TAP.
set -u
command -v yosys >/dev/null || { echo '1..0 # SKIP yosys is not here (Debian: apt install yosys)'; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# q is the rounded quotient exactly when 255q - 127 <= p <= 255q + 127: ties cannot be, 255 is odd.
prove() { # the rounding constant
    cat >"$dir/q.v" <<VERILOG
module q(input [15:0] p);
    wire [15:0] u = p + 16'd$1;
    wire [15:0] s = u + {8'd0, u[15:8]};
    wire signed [18:0] e = \$signed({3'd0, p}) - 19'sd255 * \$signed({11'd0, s[15:8]});
    always @* if (p <= 16'd65025) assert (e <= 19'sd127 && e >= -19'sd127);
endmodule
VERILOG
    timeout 60 yosys -q -p "read_verilog -sv $dir/q.v; prep -top q; sat -verify -prove-asserts q" >"$dir/log" 2>&1
}
prove 128
[ $? = 0 ] && echo 'ok 1 - p / 255, rounded, by two additions' || { echo 'not ok 1 - p / 255, rounded, by two additions'; sed 's/^/# /' "$dir/log"; bad=1; }
prove 127
[ $? != 0 ] && echo 'ok 2 - the proof sees a constant that is off by one' || { echo 'not ok 2 - the proof sees a constant that is off by one'; bad=1; }
echo 1..2
exit "${bad-0}"
