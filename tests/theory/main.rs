//! What theory says the model must do: closed forms with stated false-alarm rates and fixed seeds.

mod bring_up;
mod carriers;
mod cells;
mod closed;
mod congestion;
mod demand;
mod detectors;
mod failover;
mod faults;
mod handshakes;
mod lab;
mod naive;
mod oracles;
mod queues;
mod repairs;
mod shared_faults;
mod statistics;
