//! What stands in for the models of the feature `diagnostics` where that is off: none.

use crate::kit::Model;

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[];
