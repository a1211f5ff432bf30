"""The peers' half of the protocol: one JSON request a line on standard input, one JSON answer a line on standard output."""

import json
import sys
import traceback
from pathlib import Path

import numpy as np


def serve(operations):
    """Answers until standard input ends; an exception becomes an answer with `error`, never the end of the process."""
    out = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints stays out of the protocol
    for line in sys.stdin:
        request = json.loads(line)
        try:
            result = operations[request.pop("op")](**request.pop("arguments"))
            answer = {"id": request["id"], "result": result}
        except Exception as error:  # the other side decides what a failure means
            traceback.print_exc()
            answer = {"id": request["id"], "error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(answer) + "\n")
        out.flush()


def read(path, *shape):
    return np.fromfile(path, dtype="<f4").reshape(shape)


def write(path, array):
    np.asarray(array, dtype="<f4").tofile(path)


def read_network(folder, n, m):
    """W_out [n, m], W_fb [m, n], b [m]."""
    folder = Path(folder)
    return {"out": read(folder / "out.f32", n, m), "fb": read(folder / "fb.f32", m, n), "b": read(folder / "b.f32", m)}


def fastest(candidates, time_one):
    """The candidate with the least time of two runs each, after the warm-up that `time_one` does itself."""
    times = {name: min(time_one(name), time_one(name)) for name in candidates}
    return min(times, key=times.get)
