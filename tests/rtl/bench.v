// bench.v - runs one machine under Icarus, where every bit that was never written is X, through the host port.
//
//   vvp bench +in=IN +out=OUT      words in hexadecimal, one a line
//   IN    profile, W, H, pc, vl, status, cause, value, budget, r0..r255, the pixels
//   OUT   pc, vl, status, cause, value, budget left, r0..r255, the pixels
`timescale 1ns / 1ns
`default_nettype none
module bench;
    `include "px_isa.vh"
    `include "px_host.vh"
    localparam AW = 16;
    localparam PORT = 64; // of the source, pixels that go through the host port; the others, for speed, do not
    localparam LIMIT = 20000000;

    reg           clk = 1'b0;
    reg           rst = 1'b1;
    reg           valid = 1'b0;
    reg           write = 1'b0;
    reg  [1:0]    space = 2'd0;
    reg  [AW-1:0] addr = 0;
    reg  [31:0]   data = 32'd0;
    wire          ready, running, profile, retire;
    wire [31:0]   word, budget;
    wire [AW:0]   pc, vl;
    wire [1:0]    status;
    wire [2:0]    cause;
    px_machine #(.AW(AW)) machine0 (
        .i_clk(clk), .i_rst(rst), .i_h_valid(valid), .i_h_write(write), .i_h_space(space), .i_h_addr(addr),
        .i_h_data(data), .o_h_ready(ready), .o_h_data(word), .i_stop(1'b0), .o_running(running), .o_budget(budget),
        .o_pc(pc), .o_vl(vl), .o_profile(profile), .o_status(status), .o_cause(cause), .o_retire(retire));
    always #1 clk = !clk;

    task access(input w, input [1:0] s, input [31:0] a, input [31:0] d);
        begin
            @(negedge clk);
            valid = 1'b1;
            write = w;
            space = s;
            addr  = a[AW-1:0];
            data  = d;
            #0;
            while (ready !== 1'b1)
                @(negedge clk);
            data = word;
            @(negedge clk);
            valid = 1'b0;
        end
    endtask

    reg [1023:0] name;
    reg [31:0]   in [0:264+(1<<AW)];
    integer      i, n, out, cycles;
    initial begin
        if (!$value$plusargs("in=%s", name))
            $finish;
        $readmemh(name, in);
        if (!$value$plusargs("out=%s", name))
            $finish;
        out = $fopen(name, "w");
        n = in[1] * in[2];
        repeat (3) @(negedge clk);
        rst = 1'b0;
        access(1'b1, H_CTL, CTL_CLEAR, 32'd0);
        access(1'b1, H_CTL, CTL_N, n);
        access(1'b1, H_CTL, CTL_PC, in[3]);
        access(1'b1, H_CTL, CTL_VL, in[4]);
        access(1'b1, H_CTL, CTL_STATE, {in[0][15:0], in[6][7:0], in[5][7:0]});
        access(1'b1, H_REG, 256 + HID_W, in[1]);
        access(1'b1, H_REG, 256 + HID_H, in[2]);
        access(1'b1, H_REG, 256 + HID_VALUE, in[7]);
        for (i = 0; i < 256; i = i + 1)
            if (in[9+i] != 0)
                access(1'b1, H_REG, i, in[9+i]);
        for (i = 0; i < n; i = i + 1)
            if (i >= PORT)
                machine0.bram.mem0.pixel[i] = in[265+i];
            else
                access(1'b1, H_PIXEL, i, in[265+i]);
        access(1'b1, H_CTL, CTL_BUDGET, in[8]);
        cycles = 0;
        while (running !== 1'b0 && cycles < LIMIT) begin
            @(negedge clk);
            cycles = cycles + 1;
        end
        if (running !== 1'b0)
            $fdisplay(out, "hang");
        $fdisplay(out, "%h\n%h\n%h\n%h", pc, vl, status, cause);
        access(1'b0, H_REG, 256 + HID_VALUE, 32'd0);
        $fdisplay(out, "%h\n%h", data, budget);
        for (i = 0; i < 256; i = i + 1) begin
            access(1'b0, H_REG, i, 32'd0);
            $fdisplay(out, "%h", data);
        end
        for (i = 0; i < n; i = i + 1) begin
            if (i >= PORT)
                data = machine0.bram.mem0.pixel[i];
            else
                access(1'b0, H_PIXEL, i, 32'd0);
            $fdisplay(out, "%h", data);
        end
        $fclose(out);
        $finish;
    end
endmodule
`default_nettype wire
