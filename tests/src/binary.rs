//! The real `offload` program as a process of its own.
