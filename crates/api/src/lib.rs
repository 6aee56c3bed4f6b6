//! Azure Machine Learning operations as values.
