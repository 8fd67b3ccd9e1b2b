"""What Keras's RemoteMonitor sends to a server, written to tests/golden/keras_remote.lua.

    pip install keras jax requests
    python tests/golden/from_keras_remote.py > tests/golden/keras_remote.lua
"""
import http.server
import os
import threading

os.environ["KERAS_BACKEND"] = "jax"

import keras
import requests

LOGS = {"accuracy": 0.75, "learning_rate": 1e-05, "loss": 0.1 + 0.2, "mae": 2.0,
        "val_accuracy": 1e16, "val_loss": 1.5e-300, "zero": 0.0}
CASES = [
    {},
    {"field": "the data", "path": "/a?b=c"},
    {"send_as_json": True, "headers": {"X-Run": "7 & 8"}},
]
seen = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        seen.append((self.path, self.headers["Content-Type"], self.headers["X-Run"], body.decode()))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()


def lua(v):
    if isinstance(v, dict):
        return "{ " + ", ".join(f'["{k}"] = {lua(x)}' for k, x in v.items()) + " }" if v else "{}"
    if isinstance(v, bool):
        return str(v).lower()
    return "[[" + v + "]]" if isinstance(v, str) else "nil" if v is None else repr(v)


print("--- What RemoteMonitor sends at the end of epoch 1 for those options.")
print(f"--- Source: Keras {keras.__version__}, requests {requests.__version__}, "
      "by from_keras_remote.py.")
print("return {\n  logs = {")
for name, v in LOGS.items():
    print(f"    {name} = {lua(v)},")
print("  },")
for options in CASES:
    root = f"http://127.0.0.1:{server.server_port}"
    keras.callbacks.RemoteMonitor(root, **options).on_epoch_end(1, LOGS)
    path, kind, run, body = seen[-1]
    print("  {\n    options = " + lua(options) + ",")
    print(f"    path = {lua(path)}, run = {lua(run)},\n    type = {lua(kind)},")
    parts = [body[i:i + 80] for i in range(0, len(body), 80)]
    print("    body = " + "\n      .. ".join(lua(p) for p in parts) + ",\n  },")
print("}")
