//! Random streams: published known answers, literal bits that stream version 1 promises, and the normal law.

mod common;

use common::json;
use langevin_rnn_core::kernels::{Scalar, ScalarWord};
use langevin_rnn_core::random::{
    Purpose, Stream, gaussian::normals, gaussian::paired_normals, philox::philox4x32, unit,
};

#[test]
fn philox_gives_the_published_answers() {
    let file = json("oracle/philox.json");
    let mut count = 0;
    for vector in ["published", "derived"]
        .iter()
        .flat_map(|key| file[key].as_array().expect("vectors"))
    {
        let words = |key: &str| -> Vec<u32> {
            common::doubles(&vector[key])
                .into_iter()
                .map(|w| w as u32)
                .collect()
        };
        let counter: [u32; 4] = words("counter").try_into().expect("four words");
        let key: [u32; 2] = words("key").try_into().expect("two words");
        let got = philox4x32([counter.map(ScalarWord)], key)[0].map(|w| w.0);
        assert_eq!(
            got.to_vec(),
            words("result"),
            "counter {counter:08x?}, key {key:08x?}"
        );
        count += 1;
    }
    assert!(count >= 3, "the three published vectors at least");
}

/// These bits are the promise of stream version 1: a change here is a new stream version.
#[test]
fn addresses_give_literal_bits() {
    let stream = Stream::new(0x0123_4567_89ab_cdef, Purpose::Langevin);
    assert_eq!(stream.word4(5, 7, 3), LITERAL_WORDS);
    let z: [Scalar; 4] = normals(stream, 5, 7, 3);
    assert_eq!(z.map(|v| v.0.to_bits()), LITERAL_NORMALS);
    assert_ne!(
        stream.word4(5, 7 + (1 << 32), 3),
        LITERAL_WORDS,
        "the upper part of time counts"
    );
    let other = Stream::new(0x0123_4567_89ab_cdef, Purpose::Start);
    assert_ne!(other.word4(5, 7, 3), LITERAL_WORDS, "the purpose counts");
}

const LITERAL_WORDS: [u32; 4] = [2_977_770_563, 3_749_456_708, 2_788_074_304, 1_532_564_040];
const LITERAL_NORMALS: [u32; 4] = [1_058_600_459, 3_206_340_765, 3_205_759_672, 1_060_788_951];

#[test]
fn antithetic_pairs_share_noise_with_opposite_signs() {
    let stream = Stream::new(9, Purpose::Langevin);
    for index in [0, 2, 46] {
        let even: [Scalar; 4] = paired_normals(stream, index, 3, 0);
        let odd: [Scalar; 4] = paired_normals(stream, index + 1, 3, 0);
        for (a, b) in even.iter().zip(&odd) {
            assert_eq!(a.0.to_bits(), (-b.0).to_bits());
        }
    }
}

/// Moments and tails of 4 million normals, within five standard errors.
#[test]
fn normals_are_normal() {
    let stream = Stream::new(1, Purpose::Langevin);
    let count = 1u32 << 20;
    let mut sums = [0.0f64; 4];
    let (mut beyond2, mut beyond4) = (0.0f64, 0.0f64);
    for index in 0..count {
        for z in normals::<Scalar>(stream, index, 0, 0) {
            let z = f64::from(z.0);
            for (k, sum) in sums.iter_mut().enumerate() {
                *sum += z.powi(k as i32 + 1);
            }
            beyond2 += f64::from(u8::from(z.abs() > 2.0));
            beyond4 += f64::from(u8::from(z.abs() > 4.0));
        }
    }
    let n = f64::from(count) * 4.0;
    // Standard errors of the mean of z^k: √(E z^2k − (E z^k)²).
    for (k, (moment, error)) in [(0.0, 1.0f64), (1.0, 2.0), (0.0, 15.0), (3.0, 96.0)]
        .into_iter()
        .enumerate()
    {
        let z = (sums[k] / n - moment) / (error / n).sqrt();
        assert!(z.abs() < 5.0, "moment {}: {z} standard errors off", k + 1);
    }
    for (got, p) in [(beyond2, 0.045_500_263_896), (beyond4, 6.334_248_4e-5)] {
        let z = (got - n * p) / (n * p).sqrt();
        assert!(z.abs() < 5.0, "tail {p}: {z} standard errors off");
    }
}

#[test]
fn uniforms_stay_below_one() {
    assert_eq!(unit(0), 0.0);
    assert!(unit(u32::MAX) < 1.0);
}
