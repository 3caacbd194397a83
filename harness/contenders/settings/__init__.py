"""The settings of contenders: one file per side."""
