"""What `benchmarks.planted_layers` plants in each layer of a request, and how it is judged."""
