//! Medians and quantiles of rounds.

use serde::{Deserialize, Serialize};

/// A median and the range that holds the middle 80 %.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Spread {
    /// A tenth of the rounds lies below.
    pub(crate) p10: f64,
    /// Half of the rounds lies below.
    pub(crate) median: f64,
    /// A tenth of the rounds lies above.
    pub(crate) p90: f64,
}

impl Spread {
    /// The spread of some numbers, or `None` of none.
    pub(crate) fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        if sorted.is_empty() {
            return None;
        }
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            p10: quantile(&sorted, 0.1),
            median: quantile(&sorted, 0.5),
            p90: quantile(&sorted, 0.9),
        })
    }
}

/// The median of some numbers, or `None` of none.
pub(crate) fn median(numbers: impl IntoIterator<Item = f64>) -> Option<f64> {
    Spread::of(numbers).map(|spread| spread.median)
}

/// The quantile `at` of sorted numbers, interpolated.
fn quantile(sorted: &[f64], at: f64) -> f64 {
    let place = at * (sorted.len() - 1) as f64;
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    if below.to_bits() == above.to_bits() {
        return below;
    }
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn quantiles_are_interpolated() {
        let spread = Spread::of([4.0, 1.0, 2.0, 3.0]).unwrap();
        assert!((spread.median - 2.5).abs() < 1e-9);
        assert!((spread.p10 - 1.3).abs() < 1e-9);
        assert!((spread.p90 - 3.7).abs() < 1e-9);
    }

    #[test]
    fn nothing_has_no_spread() {
        assert_eq!(None, Spread::of([]));
    }
}
