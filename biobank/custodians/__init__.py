"""Who holds specimens outside and is no site of ours: contract labs, waste contractors, repositories."""
