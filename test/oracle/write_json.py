"""Writes the oracle's JSON files: valid JSON, one array of numbers a line, numbers in their shortest exact form."""

import json
from pathlib import Path

import numpy as np


def _number_array(values):
    return isinstance(values, list) and all(not isinstance(v, (list, dict)) for v in values)


def _plain(value):
    """numpy arrays become flat row-major lists of Python floats, numpy scalars Python scalars."""
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, np.ndarray):
        return value.ravel().tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


def _lines(value, indent):
    pad = " " * indent
    if isinstance(value, dict) and value:
        body = [f'{pad}  {json.dumps(key)}: {_lines(v, indent + 2)}' for key, v in value.items()]
        return "{\n" + ",\n".join(body) + f"\n{pad}}}"
    if isinstance(value, list) and not _number_array(value):
        body = [f"{pad}  {_lines(v, indent + 2)}" for v in value]
        return "[\n" + ",\n".join(body) + f"\n{pad}]"
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def write_json(name, document):
    path = Path(__file__).with_name(name)
    path.write_text(_lines(_plain(document), 0) + "\n")
    print(f"{path.name}: {path.stat().st_size / 1024:.1f} KB")
