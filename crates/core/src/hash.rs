//! SHA-256 over dtype, shape and little-endian bytes, with NaNs made canonical first.

use sha2::{Digest, Sha256};

fn header(dtype: &str, shape: &[usize]) -> Sha256 {
    let mut digest = Sha256::new();
    digest.update(dtype.as_bytes());
    digest.update([0]);
    digest.update((shape.len() as u64).to_le_bytes());
    for &extent in shape {
        digest.update((extent as u64).to_le_bytes());
    }
    digest
}

fn hex(digest: Sha256) -> String {
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Hash of single-precision numbers of the given shape.
#[must_use]
pub fn float32(shape: &[usize], values: &[f32]) -> String {
    let mut digest = header("float32", shape);
    for &v in values {
        let canonical = if v.is_nan() {
            f32::from_bits(0x7fc0_0000)
        } else {
            v
        };
        digest.update(canonical.to_le_bytes());
    }
    hex(digest)
}

/// Hash of double-precision numbers of the given shape.
#[must_use]
pub fn float64(shape: &[usize], values: &[f64]) -> String {
    let mut digest = header("float64", shape);
    for &v in values {
        let canonical = if v.is_nan() {
            f64::from_bits(0x7ff8_0000_0000_0000)
        } else {
            v
        };
        digest.update(canonical.to_le_bytes());
    }
    hex(digest)
}
