"""The workbench: what is set up and looked up, in Wagtail's admin (house.md, decision 1)."""
