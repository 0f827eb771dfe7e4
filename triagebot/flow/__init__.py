"""The product's loops: intake, converse, deliver, tick. Each one is woken by a bell and keeps its state in our tables."""
