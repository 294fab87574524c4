//! Bugs that were found and must not come back: one module each, named by what went wrong.

mod lte_bytes_in_time;
