//! Principal components, projection, reconstruction and nearest points against NumPy (test/oracle/principal_components.py).

mod common;

use common::{assert_close, doubles, json, singles, size};
use langevin_rnn_core::eigen::symmetric_eigen;
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::metrics::nearest::nearest;
use langevin_rnn_core::metrics::sample::Points;
use langevin_rnn_core::principal_components::PrincipalComponents;
use langevin_rnn_core::random::{Purpose, Stream, unit};

fn assert_near(what: &str, a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len(), "{what}: lengths");
    let scale = b.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        assert!(
            (x - y).abs() <= tolerance * scale,
            "{what}[{i}] is {x}, the oracle says {y}"
        );
    }
}

#[test]
fn components_are_those_of_numpy() {
    let file = json("oracle/principal_components.json");
    for case in file["cases"].as_array().expect("cases") {
        let name = case["name"].as_str().expect("a name");
        let (d, n, x) = (size(&case["d"]), size(&case["n"]), singles(&case["x"]));
        let found = PrincipalComponents::of(&x, d, n, Kernel::Auto).expect(name);
        let of = |key: &str| doubles(&case[key]);
        assert_near(name, &found.mean, &of("mean"), 1e-14);
        assert_near(name, &found.variances, &of("variances"), 1e-12);
        assert_near(name, &[found.total], &of_one(&case["total"]), 1e-12);
        assert_near(name, &found.components, &of("components"), 1e-9);
        let y = found.project(&x);
        assert_close(name, &y, &of("projected"), 1e-6);
        let back = found.reconstruct(&y);
        assert_close(name, &back, &of("reconstructed"), 1e-6);
    }
}

fn of_one(value: &serde_json::Value) -> [f64; 1] {
    [value.as_f64().expect("a number")]
}

/// The same hash is in ts/library/test/points.test.ts: native bits are those of the module.
#[test]
fn bits_are_fixed() {
    let case = &json("oracle/principal_components.json")["cases"][3];
    let (d, n, x) = (size(&case["d"]), size(&case["n"]), singles(&case["x"]));
    let found = PrincipalComponents::of(&x, d, n, Kernel::Auto).expect("components");
    let hash = langevin_rnn_core::hash::float64(&[n, d], &found.components);
    assert_eq!(
        hash,
        "74795d4328a362e84ba17c9cb9ef6069b82b5cf2de52622064cb5b45c8603e7a"
    );
}

#[test]
fn the_decomposition_is_one() {
    // A = Q Λ Qᵀ with orthogonal Q, for sizes beside the special cases and for eigenvalues that coincide.
    let stream = Stream::new(3, Purpose::Weights);
    let value = |i: usize| f64::from(unit(stream.word4(i as u32, 0, 0)[0])) - 0.5;
    for d in [1, 2, 3, 4, 17, 90] {
        for kind in 0..4 {
            let entry = |i: usize, j: usize| match kind {
                0 => value(i.max(j) * d + i.min(j)),
                1 => f64::from(u8::from(i == j)),
                // Beside the diagonal what underflows when it is squared.
                2 => f64::from(u8::from(i == j)) + 1e-160 * value(i) * value(j),
                // Rank two.
                _ => value(i) * value(j) + value(1000 + i) * value(1000 + j),
            };
            let a: Vec<f64> = (0..d * d).map(|at| entry(at / d, at % d)).collect();
            let (values, vectors) = symmetric_eigen(&mut a.clone(), d, d);
            assert!(values.windows(2).all(|pair| pair[0] >= pair[1]));
            for i in 0..d {
                for j in 0..d {
                    let over = |f: &dyn Fn(usize) -> f64| (0..d).map(f).sum::<f64>();
                    let again = over(&|k| vectors[k * d + i] * values[k] * vectors[k * d + j]);
                    assert!(
                        (again - a[i * d + j]).abs() < 1e-12 * d as f64,
                        "A, d = {d}, {kind}"
                    );
                    let product = over(&|k| vectors[i * d + k] * vectors[j * d + k]);
                    let expected = f64::from(u8::from(i == j));
                    assert!((product - expected).abs() < 1e-12, "Q Qᵀ, d = {d}, {kind}");
                }
            }
        }
    }
}

#[test]
fn refuses_what_has_no_components() {
    let of = |data: &[f32], d, n| PrincipalComponents::of(data, d, n, Kernel::Auto).map(|_| ());
    let argument = |outcome: Result<(), langevin_rnn_core::Error>| outcome.expect_err("an error").parts().0;
    assert_eq!(argument(of(&[1.0, 2.0], 2, 1)), "data");
    assert_eq!(argument(of(&[1.0, 2.0, 3.0, 5.0], 2, 3)), "components");
    assert_eq!(argument(of(&[1.0, 2.0, 3.0, 5.0], 2, 0)), "components");
    assert_eq!(argument(of(&[1.0, f32::NAN, 3.0, 5.0], 2, 1)), "data");
    assert_eq!(argument(of(&[1.0, 2.0, 1.0, 2.0], 2, 1)), "data");
    assert_eq!(argument(of(&[], 0, 1)), "data");
}

#[test]
fn nearest_points_are_those_of_all_distances() {
    let case = &json("oracle/principal_components.json")["nearest"];
    let n = size(&case["n"]);
    let points = |values: &[f32], n| Points::new("points", values, n, 1).expect("points");
    let (x, y) = (points(&singles(&case["x"]), n), points(&singles(&case["y"]), n));
    let found = nearest(&x, &y).expect("as many coordinates");
    let (distance, index) = found.split_at(x.count);
    assert_eq!(index, doubles(&case["index"]));
    let squared: Vec<f64> = distance.iter().map(|distance| distance * distance).collect();
    assert_near("squared", &squared, &doubles(&case["squared"]), 1e-14);
    // The first of equals.
    let equals = nearest(&points(&[0.0], 1), &points(&[1.0; 40], 1));
    assert_eq!(equals.expect("as many coordinates"), [1.0, 0.0]);
    assert!(nearest(&x, &points(&[1.0], 1)).is_err());
}
