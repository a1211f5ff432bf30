//! Ascending order of doubles by radix: eight stable passes, a byte each, over bits that are made to rise with the value.
//!
//! One function instead of the library's sort for each type: as fast, and a tenth of the code.

/// Places of the values in ascending order; equal ones, and none but equal ones, stay as they were. −0 comes before 0.
#[inline(never)]
#[must_use]
pub fn order(values: &[f64]) -> Vec<u32> {
    // Negative numbers: all bits turned round, so that larger magnitudes come first.
    let key = |place: u32| {
        let bits = values[place as usize].to_bits();
        bits ^ (((bits as i64 >> 63) as u64) | 1 << 63)
    };
    let mut from: Vec<u32> = (0..values.len() as u32).collect();
    let mut to = from.clone();
    for shift in (0..64).step_by(8) {
        let byte = |place: u32| (key(place) >> shift) as usize & 255;
        let mut starts = [0; 257];
        for place in 0..values.len() as u32 {
            starts[byte(place) + 1] += 1;
        }
        // Draws in single precision have the same low bytes: nothing to do.
        if starts.contains(&values.len()) {
            continue;
        }
        for k in 0..256 {
            starts[k + 1] += starts[k];
        }
        for &place in &from {
            let start = &mut starts[byte(place)];
            to[*start] = place;
            *start += 1;
        }
        core::mem::swap(&mut from, &mut to);
    }
    from
}

/// The values in ascending order.
#[must_use]
pub fn sorted(values: &[f64]) -> Vec<f64> {
    order(values)
        .iter()
        .map(|&place| values[place as usize])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{order, sorted};
    use crate::random::{Purpose, Stream, unit};

    #[test]
    fn sorts_as_the_library_does() {
        let stream = Stream::new(3, Purpose::Shuffle);
        for (count, levels) in [(0, 1), (1, 1), (2, 1), (7, 3), (1000, 5), (3000, 1 << 24)] {
            let values: Vec<f64> = (0..count)
                .map(|i| {
                    let [a, b, c, _] = stream.word4(i, 0, 0);
                    let size = [1e-300, 1.0, 0.1, 1e300][(b >> 30) as usize];
                    let value = size * f64::from((unit(a) * levels as f32) as u32);
                    if c < 1 << 31 { -value } else { value }
                })
                .collect();
            let mut expected: Vec<(f64, u32)> = values.iter().copied().zip(0..).collect();
            expected.sort_by(|a, b| a.0.total_cmp(&b.0));
            let places: Vec<u32> = expected.iter().map(|(_, place)| *place).collect();
            assert_eq!(order(&values), places, "{count} values");
            let bits = |values: &mut dyn Iterator<Item = f64>| values.map(f64::to_bits).collect::<Vec<_>>();
            assert_eq!(
                bits(&mut sorted(&values).into_iter()),
                bits(&mut expected.iter().map(|pair| pair.0))
            );
        }
    }
}
