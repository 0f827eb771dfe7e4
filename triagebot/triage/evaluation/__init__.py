"""How good the classifier is: on labelled files, on public benchmarks, in cross-validation. Pure over rows; nothing
here changes a verdict."""
