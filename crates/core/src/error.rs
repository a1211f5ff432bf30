//! What can go wrong, as data: which argument, its value, and what would be valid.

use core::fmt;

/// The result of anything that checks its input.
pub type Result<T> = core::result::Result<T, Error>;

/// A failure that a caller can act on. `code` is stable; the wrapper's error classes follow it.
#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// An argument is outside its domain.
    InvalidArgument {
        argument: &'static str,
        value: String,
        expected: String,
    },
    /// A combination that has no meaning or no implementation.
    Unsupported {
        argument: &'static str,
        value: String,
        expected: String,
    },
    /// A state stopped being finite.
    Diverged { chain: u64, step: u64, expected: String },
    /// Training reached a non-finite loss.
    TrainingDiverged {
        epoch: usize,
        noise: f64,
        expected: String,
    },
    /// The work needs more memory than its budget.
    MemoryBudget {
        argument: &'static str,
        needed: u64,
        budget: u64,
        expected: String,
    },
}

impl Error {
    /// Shorthand for an argument out of range.
    #[cold]
    pub fn invalid(argument: &'static str, value: impl fmt::Display, expected: impl Into<String>) -> Self {
        Self::InvalidArgument {
            argument,
            value: value.to_string(),
            expected: expected.into(),
        }
    }

    /// Shorthand for a combination that isn't supported.
    #[cold]
    pub fn unsupported(
        argument: &'static str,
        value: impl fmt::Display,
        expected: impl Into<String>,
    ) -> Self {
        Self::Unsupported {
            argument,
            value: value.to_string(),
            expected: expected.into(),
        }
    }

    /// A stable name of the kind of failure.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidArgument { .. } => "invalid-argument",
            Self::Unsupported { .. } => "unsupported",
            Self::Diverged { .. } | Self::TrainingDiverged { .. } => "diverged",
            Self::MemoryBudget { .. } => "memory-budget",
        }
    }

    /// The argument at fault, its value, and what would be valid.
    #[must_use]
    pub fn parts(&self) -> (&'static str, String, String) {
        match self {
            Self::InvalidArgument {
                argument,
                value,
                expected,
            }
            | Self::Unsupported {
                argument,
                value,
                expected,
            } => (argument, value.clone(), expected.clone()),
            Self::Diverged {
                chain,
                step,
                expected,
            } => (
                "state",
                format!("not finite in chain {chain} at step {step}"),
                expected.clone(),
            ),
            Self::TrainingDiverged {
                epoch,
                noise,
                expected,
            } => (
                "loss",
                format!("not finite in epoch {epoch} at noise level {noise}"),
                expected.clone(),
            ),
            Self::MemoryBudget {
                argument,
                needed,
                budget,
                expected,
            } => (
                argument,
                format!("needs {needed} bytes of a budget of {budget}"),
                expected.clone(),
            ),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (argument, value, expected) = self.parts();
        match self {
            Self::InvalidArgument { .. } => write!(f, "{argument} is {value}; expected {expected}"),
            Self::Unsupported { .. } => write!(f, "{argument} = {value} is not supported: {expected}"),
            Self::Diverged { .. } | Self::TrainingDiverged { .. } => {
                write!(f, "{argument} is {value}; {expected}")
            }
            Self::MemoryBudget { .. } => write!(f, "{argument} {value}; {expected}"),
        }
    }
}

impl std::error::Error for Error {}

/// A finite number above zero.
#[inline(never)]
pub(crate) fn positive(argument: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(Error::invalid(argument, value, "a finite number above 0"))
    }
}

/// A finite number, zero or above.
#[inline(never)]
pub(crate) fn not_negative(argument: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(Error::invalid(argument, value, "a finite number, 0 or above"))
    }
}

/// A whole number from 1 to `most`.
#[inline(never)]
pub(crate) fn count(argument: &'static str, value: usize, most: usize) -> Result<usize> {
    if (1..=most).contains(&value) {
        Ok(value)
    } else {
        Err(Error::invalid(
            argument,
            value,
            format!("a whole number from 1 to {most}"),
        ))
    }
}

/// Every number finite; names the first that isn't.
#[inline(never)]
pub(crate) fn finite(argument: &'static str, values: &[f32]) -> Result<()> {
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Error::invalid(
            argument,
            // NaN and infinities read the same in double precision, whose formatting others need anyway.
            format!("{} at index {index}", f64::from(values[index])),
            "finite numbers only",
        )),
    }
}

/// A slice of exactly `length` numbers.
#[inline(never)]
pub(crate) fn length(argument: &'static str, actual: usize, expected: usize, shape: &str) -> Result<()> {
    if actual == expected {
        Ok(())
    } else {
        Err(Error::invalid(
            argument,
            format!("{actual} numbers"),
            format!("{expected} numbers, {shape}"),
        ))
    }
}

/// Checks that `needed` bytes fit `budget`, before anything is allocated.
#[inline(never)]
pub fn within_budget(
    argument: &'static str,
    needed: u64,
    budget: u64,
    advice: impl Into<String>,
) -> Result<()> {
    if needed <= budget {
        Ok(())
    } else {
        Err(Error::MemoryBudget {
            argument,
            needed,
            budget,
            expected: advice.into(),
        })
    }
}
