//! Journeys through the built site. One binary, one module per part of the site.
#![allow(clippy::unwrap_used, reason = "what is in the way of a journey fails it")]

mod attacks;
mod axe;
mod changes;
mod compare;
mod conformance;
mod demo;
mod deployed;
mod editor;
mod failures;
mod files;
mod harness;
mod interrupted;
mod inventory;
mod kept;
mod keyboard;
mod many;
mod metrics;
mod microsoft;
mod model_changes;
mod names;
mod paper;
mod pipelines;
mod preflight;
mod relay;
mod run_changes;
mod scoring;
mod secrecy;
mod service;
mod sign_in;
mod start;
mod submit;
mod tour;
mod watch;
mod wire;
mod workspace_changes;
