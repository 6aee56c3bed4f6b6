//! The Azure Machine Learning service, in memory.
