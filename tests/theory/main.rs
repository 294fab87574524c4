//! What theory says the model must do: closed forms with stated false-alarm rates and fixed seeds.

mod demand;
mod detectors;
mod lab;
mod queues;
mod statistics;
