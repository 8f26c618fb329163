//! End-to-end tests: the engine, or the real program, against the sandbox.

mod states;
