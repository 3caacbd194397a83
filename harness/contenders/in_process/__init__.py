"""What the contenders share whose work runs in the driver's own process."""
