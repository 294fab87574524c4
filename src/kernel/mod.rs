//! Time order, addressed draws, variates and the stepping driver. Knows nothing of retail.

pub mod draws;
pub mod variates;
