"""Run by Streamlit for each view of each person; everything is in `frame.py`."""

from tunesmith.ui.frame import main

main()
