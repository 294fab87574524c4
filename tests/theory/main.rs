//! What theory says the model must do: closed forms with stated false-alarm rates and fixed seeds.

mod bring_up;
mod carriers;
mod cells;
mod closed;
mod congestion;
mod demand;
mod designs;
mod detectors;
mod failover;
mod faults;
mod flows;
mod gate;
mod handshakes;
mod lab;
mod naive;
mod oracles;
mod plans;
mod queues;
mod raised;
mod repairs;
mod sampling;
mod services;
mod shared_faults;
mod sharing;
mod statistics;
mod storms;
