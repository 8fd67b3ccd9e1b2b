"""An event file by TensorBoard's own writer, written to tests/golden/tensorboard.lua as hexadecimals.

    pip install tensorboard
    python tests/golden/from_tensorboard.py > tests/golden/tensorboard.lua
"""
import glob
import struct
import tempfile
import time
import zlib

import numpy as np
import tensorboard
from google.protobuf import __version__ as protobuf
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

TIME = 1700000000.25
VALUES = [-4.0, 11, 2, 1, 1, 1, 0, 0]  # bins of 0.5; the squares add up to 12 * 12


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"\0" + bytes(range(9)) + b"\0" + bytes(range(100, 109))  # 3 wide, 2 high, RGB
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def histogram():
    counts, edges = np.histogram(VALUES, 30)
    return HistogramProto(min=min(VALUES), max=max(VALUES), num=len(VALUES), sum=sum(VALUES),
                          sum_squares=sum(v * v for v in VALUES), bucket_limit=edges[1:],
                          bucket=counts)


def graph():
    g = GraphDef()
    g.node.add(name="input", op="Input")
    g.node.add(name="dense_1", op="Dense", input=["input"])
    g.node.add(name="add_1", op="Add", input=["input", "dense_1"])
    return g.SerializeToString()


V = Summary.Value
EVENTS = [
    Event(graph_def=graph()),
    Event(step=1, summary=Summary(value=[V(tag="epoch_loss", simple_value=0.7),
                                         V(tag="epoch_zero", simple_value=0.0)])),
    Event(step=300, summary=Summary(value=[V(tag="batch_loss", simple_value=float("inf"))])),
    Event(step=2, summary=Summary(value=[V(tag="dense_1/kernel/histogram", histo=histogram())])),
    Event(step=3, summary=Summary(value=[V(tag="picture", image=Summary.Image(
        height=2, width=3, colorspace=3, encoded_image_string=png()))])),
]
time.time = lambda: TIME  # of the first record, which the writer makes itself
with tempfile.TemporaryDirectory() as folder:
    writer = EventFileWriter(folder)
    for event in EVENTS:
        event.wall_time = TIME
        writer.add_event(event)
    writer.close()
    data = open(glob.glob(folder + "/*")[0], "rb").read()


def lua(name, text):
    print(f"  {name} = table.concat {{")
    for i in range(0, len(text.hex()), 90):
        print(f'    "{text.hex()[i:i + 90]}",')
    print("  },")


print("--- An event file, and the PNG in it.")
print(f"--- Source: TensorBoard {tensorboard.__version__}, protobuf {protobuf}, by from_tensorboard.py.")
print("return {")
print(f"  time = {TIME},")
print(f"  values = {{ {', '.join(f'{v:g}' for v in VALUES)} }},")
lua("png", png())
lua("file", data)
print("}")
