"""activations.json: exp, ln, tanh, softplus, sigmoid, sin(2 pi t), cos(2 pi t) at float32 arguments, by mpmath at 60 digits."""

import mpmath as mp
import numpy as np

from write_json import write_json

mp.mp.dps = 60
SMALLEST_NORMAL = 2.0**-126
LARGEST = float(np.finfo(np.float32).max)
f32 = np.float32


def softplus(x):
    return max(x, mp.mpf(0)) + mp.log1p(mp.exp(-abs(x)))


def sigmoid(x):
    e = mp.exp(-abs(x))
    return (1 if x >= 0 else e) / (1 + e)


FUNCTIONS = {
    "exp": mp.exp,
    "ln": mp.log,
    "tanh": mp.tanh,
    "softplus": softplus,
    "sigmoid": sigmoid,
    "sin_2pi": lambda t: mp.sinpi(2 * t),
    "cos_2pi": lambda t: mp.cospi(2 * t),
}

# Results where the argument or the float32 result is not finite: [argument, result].
SPECIAL = {
    "exp": [["-Infinity", "0"], ["-200", "0"], ["89", "Infinity"], ["1000", "Infinity"], ["Infinity", "Infinity"], ["NaN", "NaN"]],
    "ln": [["0", "-Infinity"], ["-0", "-Infinity"], ["-1", "NaN"], ["-Infinity", "NaN"], ["Infinity", "Infinity"], ["NaN", "NaN"]],
    "tanh": [["-Infinity", "-1"], ["Infinity", "1"], ["-0", "-0"], ["NaN", "NaN"]],
    "softplus": [["-Infinity", "0"], ["-200", "0"], ["Infinity", "Infinity"], ["NaN", "NaN"]],
    "sigmoid": [["-Infinity", "0"], ["-200", "0"], ["Infinity", "1"], ["NaN", "NaN"]],
    "sin_2pi": [["NaN", "NaN"], ["Infinity", "NaN"], ["-Infinity", "NaN"]],
    "cos_2pi": [["NaN", "NaN"], ["Infinity", "NaN"], ["-Infinity", "NaN"]],
}


def neighbours(*values):
    """Each value in float32, with the float32 just under and just over it."""
    out = []
    for v in values:
        v = f32(v)
        out += [np.nextafter(v, f32(-np.inf)), v, np.nextafter(v, f32(np.inf))]
    return out


def arguments(name, rng):
    small = [s * 2.0**e for e in (-149, -140, -126, -100, -60, -30, -24, -13, -12, -7) for s in (1, -1)]
    if name == "exp":
        ln2 = float(mp.log(2))
        return [0, *small, *neighbours(ln2 / 2, -ln2 / 2, 88.72283), 1, -1, 2, -2, 10, -10, 30, -30, 60, -60, 80, -80, 88, -87, -87.3,
                -87.4, -90, -100, -103, *(k * ln2 for k in (1, -1, 5, -20, 100, -120)), *rng.uniform(-20, 20, 12)]
    if name == "ln":
        return [*(2.0**e for e in (-149, -140, -127, -126, -100, -32, -24, -12, -2, -1, 1, 2, 10, 64, 127)), LARGEST,
                *neighbours(1, 0.5, 2, 2**0.5, 0.5**0.5), 0.1, 0.25, 0.75, 0.9, 0.99, 0.999, 1.001, 1.01, 1.1, 3, 10, 100, 1e6, 1e-6, 1e30,
                1e-30, 1 - 2.0**-10, 1 + 2.0**-10, *rng.uniform(0, 1, 12)]
    if name in ("tanh", "sigmoid", "softplus"):
        big = [s * v for v in (0.1, 0.25, 0.5, 0.625, 1, 2, 4, 7.9, 9, 9.02, 10, 17, 20, 50, 87, 88) for s in (1, -1)]
        extra = [LARGEST, -LARGEST] if name == "tanh" else [LARGEST, 1e4, -95, -103] if name == "softplus" else [LARGEST, 1e4, -95, -103]
        return [0, *small, *big, *extra, *rng.uniform(-10, 10, 12)]
    return [0, *small, *neighbours(0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875), 1 - 2.0**-24, 1 - 2.0**-12, 1, 1.25, -0.25, -0.5, -0.75,
            -1, 1 / 3, 2 / 3, 1 / 6, 1 / 12, 0.1, 0.9, 2.0**-32, *rng.uniform(0, 1, 14)]


def main():
    functions = {}
    for name, function in FUNCTIONS.items():
        rng = np.random.default_rng(7)
        xs = sorted({float(f32(v)) for v in arguments(name, rng)})
        normal, subnormal = {"x": [], "y": []}, {"x": [], "y": []}
        for x in xs:
            y = float(function(mp.mpf(x)))
            assert np.isfinite(f32(x)) and np.isfinite(y)
            if abs(y) > LARGEST:
                continue
            tiny = any(0 < abs(v) < SMALLEST_NORMAL for v in (x, y))
            group = subnormal if tiny else normal
            group["x"].append(x)
            group["y"].append(y)
        for group in (normal, subnormal):
            group["x_bits"] = np.array(group["x"], dtype=np.float32).view(np.uint32).tolist()
        functions[name] = {
            "normal": {key: normal[key] for key in ("x_bits", "x", "y")},
            "subnormal": {key: subnormal[key] for key in ("x_bits", "x", "y")},
            "special": SPECIAL[name],
        }
        print(f"{name}: {len(normal['x'])} + {len(subnormal['x'])} subnormal + {len(SPECIAL[name])} special")
    write_json(
        "activations.json",
        {
            "about": "x is exactly the float32 with bits x_bits, y the float64 nearest to the true value, finite in float32."
            " normal: argument and result are 0 or normal float32; subnormal: one of them is not;"
            " special: [argument, result] as text, for float32. Near a zero of sin_2pi and cos_2pi judge by absolute error.",
            "made_by": f"activations.py, mpmath {mp.__version__}, 60 digits",
            "functions": functions,
        },
    )


if __name__ == "__main__":
    main()
