//! Moments, convergence diagnostics and distances between samples against SciPy, scikit-learn, ArviZ and JAX
//! (test/oracle/metrics.py), and what each refuses.

mod common;

use common::{doubles, json, singles, size};
use langevin_rnn_core::error::{Error, Result};
use langevin_rnn_core::metrics::sample::{Chains, Points};
use langevin_rnn_core::metrics::{
    autocorrelation, c2st, energy, ess, ksd, mmd, moments, r_hat, ranks, sliced, spectrum, wasserstein,
};
use langevin_rnn_core::random::directions::directions;
use langevin_rnn_core::random::{Purpose, Stream};
use serde_json::Value;

fn close(what: &str, got: f64, expected: f64, tolerance: f64) {
    let error = (got - expected).abs() / expected.abs().max(1.0);
    assert!(
        error <= tolerance,
        "{what}: {got}, the oracle says {expected}: {error:e}"
    );
}

fn all_close(what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (a, b)) in got.iter().zip(expected).enumerate() {
        close(&format!("{what}[{i}]"), *a, *b, tolerance);
    }
}

fn cases(key: &str) -> Vec<Value> {
    let file = json("oracle/metrics.json");
    let cases = file[key].as_array().expect("cases").clone();
    assert!(!cases.is_empty());
    cases
}

fn rows(values: &[f64], n: usize) -> Vec<Vec<f64>> {
    values.chunks_exact(n).map(<[f64]>::to_vec).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn normal_quantile() {
    let file = json("oracle/metrics.json");
    let (p, z) = (
        doubles(&file["normal_quantile"]["p"]),
        doubles(&file["normal_quantile"]["z"]),
    );
    let got: Vec<f64> = p.iter().map(|&p| ranks::normal_quantile(p)).collect();
    all_close("quantile", &got, &z, 4e-15);
}

#[test]
fn chains_as_arviz_and_scipy_judge_them() {
    for case in cases("chains") {
        let name = case["name"].as_str().expect("a name");
        let (count, draws) = (size(&case["chains"]), size(&case["draws"]));
        let chains = Chains::new(&singles(&case["values"]), count, draws).expect("chains");
        let same = |what: &str, got: Result<f64>| {
            close(
                &format!("{name}: {what}"),
                got.expect(what),
                number(&case[what]),
                1e-10,
            );
        };
        let moments = moments::moments(&chains.values).expect("moments");
        same("mean", Ok(moments.mean));
        same("deviation", Ok(moments.deviation));
        same("excess_kurtosis", Ok(moments.excess_kurtosis));
        same("ess_bulk", ess::bulk(&chains));
        same("ess_tail", ess::tail(&chains));
        same("mcse_mean", ess::mcse_mean(&chains));
        if count > 1 {
            same("r_hat", r_hat::r_hat(&chains));
        }
        let expected = doubles(&case["autocorrelation"]);
        let got = autocorrelation::autocorrelation(&chains, expected.len() - 1).expect("lags");
        all_close(&format!("{name}: autocorrelation"), &got, &expected, 1e-12);
        let power =
            spectrum::welch(&chains, size(&case["segment"]), number(&case["interval"])).expect("a segment");
        all_close(
            &format!("{name}: spectrum"),
            &power,
            &doubles(&case["spectrum"]),
            1e-12,
        );
        let counts = ranks::rank_histogram(&chains, size(&case["bins"])).expect("bins");
        let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
        all_close(
            &format!("{name}: ranks"),
            &counts,
            &doubles(&case["rank_histogram"]),
            0.0,
        );
    }
}

#[test]
fn distances_between_samples() {
    for case in cases("pairs") {
        let n = size(&case["n"]);
        let (a, b) = (singles(&case["x"]), singles(&case["y"]));
        let x = Points::new("draws", &a, n, 2).expect("points");
        let y = Points::new("reference", &b, n, 2).expect("points");
        let median = mmd::mmd(&x, &y, None).expect("a bandwidth");
        close(
            "median",
            median.bandwidth,
            number(&case["median_distance"]),
            1e-14,
        );
        close("MMD²", median.squared, number(&case["mmd_squared_median"]), 1e-13);
        let given = mmd::mmd(&x, &y, case["bandwidth"].as_f64()).expect("a bandwidth");
        close(
            "MMD²",
            given.squared,
            number(&case["mmd_squared_bandwidth"]),
            1e-13,
        );
        close(
            "energy",
            energy::energy_distance(&x, &y).expect("points"),
            number(&case["energy_distance"]),
            1e-12,
        );
        assert!(
            energy::energy_distance(&x, &x).expect("points") < 1e-7,
            "to itself"
        );
        for (d, expected) in doubles(&case["w1_per_axis"]).into_iter().enumerate() {
            let axis = |p: &[f32]| -> Vec<f32> { p.iter().skip(d).step_by(n).copied().collect() };
            let got = wasserstein::between_draws(&axis(&a), &axis(&b)).expect("draws");
            close("W1", got, expected, 1e-13);
        }
        let got = sliced::along(&x, &y, &rows(&doubles(&case["directions"]), n));
        close("sliced W1", got, number(&case["sliced_w1"]), 1e-13);
    }
}

#[test]
fn stein_discrepancy() {
    for case in cases("stein") {
        let x = Points::new("draws", &singles(&case["x"]), size(&case["n"]), 2).expect("points");
        let got = ksd::ksd(&x, &doubles(&case["scores"]), number(&case["scale"])).expect("scores");
        close("U", got.u_statistic, number(&case["u_statistic"]), 1e-12);
        close("V", got.v_statistic, number(&case["v_statistic"]), 1e-12);
    }
}

/// Directions are unit vectors, even over the sphere (E θθᵀ = I/n), the same for a seed whatever their number.
#[test]
fn directions_of_slices() {
    let of = |seed, n, count| directions(Stream::new(seed, Purpose::SlicedDirections), n, count);
    for n in [1, 2, 5, 9] {
        let count = 4000;
        let all = of(7, n, count);
        assert_eq!(all[..10], of(7, n, 10));
        assert!(n == 1 || all != of(8, n, count));
        let mut second = vec![0.0; n * n];
        for u in &all {
            assert!((u.iter().map(|v| v * v).sum::<f64>() - 1.0).abs() < 1e-14);
            for i in 0..n * n {
                second[i] += u[i / n] * u[i % n] / count as f64;
            }
        }
        for i in 0..n * n {
            let expected = if i / n == i % n { 1.0 / n as f64 } else { 0.0 };
            // Five standard errors of an entry, which is at most √(2/n²/count).
            assert!((second[i] - expected).abs() < 5.0 * (2.0 / count as f64).sqrt() / n as f64);
        }
    }
}

#[test]
fn thinning_is_even() {
    let all: Vec<f32> = (0..20u16).map(f32::from).collect();
    let thinned = |n, most| Points::thinned("draws", &all, n, 2, most).expect("points").values;
    assert_eq!(
        thinned(2, 100),
        Points::new("draws", &all, 2, 2).expect("points").values
    );
    assert_eq!(thinned(2, 10).len(), 20);
    assert_eq!(thinned(2, 3), [0.0, 1.0, 6.0, 7.0, 12.0, 13.0]);
    assert_eq!(thinned(1, 4), [0.0, 5.0, 10.0, 15.0]);
}

/// The argument that an error names.
fn blamed<T>(result: Result<T>) -> &'static str {
    match result {
        Err(Error::InvalidArgument { argument, .. }) => argument,
        Err(other) => panic!("another kind of error: {other}"),
        Ok(_) => panic!("it should have been refused"),
    }
}

#[test]
fn bad_input_is_refused() {
    let ok: Vec<f32> = (0..24u16).map(|i| f32::from(i * i % 7)).collect();
    let mut bad = ok.clone();
    bad[5] = f32::NAN;
    assert_eq!(blamed(Chains::new(&bad, 4, 6)), "draws");
    assert_eq!(blamed(Chains::new(&ok, 4, 5)), "draws");
    assert_eq!(blamed(Chains::new(&[], 0, 0)), "draws");
    assert_eq!(blamed(Points::new("reference", &bad, 2, 2)), "reference");
    assert_eq!(blamed(Points::new("reference", &ok, 5, 2)), "reference");
    assert_eq!(blamed(Points::new("draws", &ok, 24, 2)), "draws");
    assert_eq!(blamed(Points::new("draws", &ok, 0, 2)), "draws");

    let few = Chains::new(&ok, 8, 3).expect("chains");
    for result in [
        ess::bulk(&few),
        ess::tail(&few),
        ess::mcse_mean(&few),
        r_hat::r_hat(&few),
    ] {
        assert_eq!(blamed(result), "draws");
    }
    let one = Chains::new(&ok, 1, 24).expect("chains");
    assert_eq!(blamed(r_hat::r_hat(&one)), "draws");
    assert_eq!(blamed(autocorrelation::autocorrelation(&one, 24)), "lags");
    for segment in [0, 2, 6, 32] {
        assert_eq!(blamed(spectrum::welch(&one, segment, 1.0)), "segment");
    }
    assert_eq!(blamed(spectrum::welch(&one, 8, 0.0)), "interval");
    assert_eq!(blamed(ranks::rank_histogram(&one, 25)), "rankBins");
    assert_eq!(blamed(ranks::rank_histogram(&one, 0)), "rankBins");
    assert_eq!(blamed(moments::moments(&[1.0])), "draws");

    let x = Points::new("draws", &ok, 2, 2).expect("points");
    assert_eq!(blamed(mmd::mmd(&x, &x, Some(-1.0))), "bandwidth");
    let wide = Points::new("reference", &ok, 3, 2).expect("points");
    assert_eq!(blamed(mmd::mmd(&x, &wide, None)), "reference");
    assert_eq!(blamed(energy::energy_distance(&x, &wide)), "reference");
    assert_eq!(blamed(sliced::sliced_wasserstein(&x, &wide, 8, 1)), "reference");
    assert_eq!(blamed(c2st::fold(&x, &wide, 0, 5, 1)), "reference");
    let equal = Points::new("draws", &[1.0; 8], 2, 2).expect("points");
    assert_eq!(blamed(mmd::mmd(&equal, &equal, None)), "bandwidth");
    assert_eq!(blamed(ksd::ksd(&x, &[0.0; 24], 0.0)), "kernelScale");
    assert_eq!(blamed(ksd::ksd(&x, &[0.0; 23], 1.0)), "scores");
    assert_eq!(blamed(ksd::ksd(&x, &[f64::INFINITY; 24], 1.0)), "scores");
    assert_eq!(blamed(sliced::sliced_wasserstein(&x, &x, 0, 1)), "directions");
}

#[test]
fn chains_that_never_move() {
    let still = Chains::new(&[2.0; 24], 4, 6).expect("chains");
    assert!(r_hat::r_hat(&still).expect("chains").is_nan());
    assert_eq!(ess::bulk(&still).expect("chains"), 24.0);
    assert_eq!(ess::mcse_mean(&still).expect("chains"), 0.0);
    assert!(
        moments::moments(&still.values)
            .expect("draws")
            .excess_kurtosis
            .is_nan()
    );
    let rho = autocorrelation::autocorrelation(&still, 3).expect("lags");
    assert!(rho.len() == 4 && rho.iter().all(|r| r.is_nan()));
    assert_eq!(spectrum::welch(&still, 4, 1.0).expect("a segment"), [0.0; 3]);
}
