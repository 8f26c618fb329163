//! End-to-end tests: the engine, or the real program, against the sandbox.

mod faults;
mod flow;
mod names;
mod photos;
mod program;
mod states;
mod versions;
