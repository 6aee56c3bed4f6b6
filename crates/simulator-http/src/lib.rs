//! The simulator behind sockets.
