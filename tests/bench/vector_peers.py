"""vector_peers.py - what numpy and onnxruntime take for what vector.c measures, in CPU seconds on one core.

    vector_peers.py sums|products

Prints "NAME SECONDS" a line, the median of several; "absent NAME" for a package that is not here.
"""
import statistics
import sys
import time

PIXELS = 1 << 20
SIDE = 256


def median(run, count):
    run()
    took = []
    for _ in range(count):
        start = time.process_time()
        run()
        took.append(time.process_time() - start)
    return statistics.median(took)


def sums(numpy):
    """vadd.vv."""
    x, y = (numpy.random.randint(0, 1 << 32, PIXELS, dtype=numpy.uint32) for _ in range(2))
    d = numpy.empty_like(x)
    print("numpy", median(lambda: numpy.add(x, y, out=d), 31))


def products(numpy, onnxruntime, helper, types):
    """MatMulInteger of signed bytes, and of unsigned with signed ones, which is what its kernels are made for."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    for name, kind in (("s8s8", types.INT8), ("u8s8", types.UINT8)):
        graph = helper.make_graph(
            [helper.make_node("MatMulInteger", ["a", "b"], ["c"])], "product",
            [helper.make_tensor_value_info("a", kind, [SIDE, SIDE]),
             helper.make_tensor_value_info("b", types.INT8, [SIDE, SIDE])],
            [helper.make_tensor_value_info("c", types.INT32, [SIDE, SIDE])])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        a = numpy.random.randint(0, 128, (SIDE, SIDE)).astype(numpy.int8 if kind == types.INT8 else numpy.uint8)
        b = numpy.random.randint(-128, 128, (SIDE, SIDE)).astype(numpy.int8)
        print("onnxruntime", name, median(lambda: session.run(None, {"a": a, "b": b}), 101))


def main(what):
    try:
        import numpy
        if what == "sums":
            sums(numpy)
            return
        import onnxruntime
        from onnx import TensorProto, helper
        products(numpy, onnxruntime, helper, TensorProto)
    except ImportError as error:
        print("absent", error.name)


main(sys.argv[1])
