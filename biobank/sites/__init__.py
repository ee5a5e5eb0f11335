"""Collection sites and biobank facilities, their time zones and their registered stations."""
