"""What temperature loggers say: files read, excursions beyond the limits of each tube, the holds they put."""
