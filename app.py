"""The app in the browser: what Streamlit serves; every page is in `ui/`.

tunesmith app                 # or: streamlit run app.py, or: python -m tunesmith.app

`tunesmith.ui.server` has the routes, the headers and the checks of hosts; `ui/script.py` is run for each view.
Streamlit looks for this assignment in the text of the file, so it stands here and not in a function.
"""

from __future__ import annotations

import streamlit as st

from tunesmith.ui.launch import serve
from tunesmith.ui.server import SCRIPT, calm, lifespan, middleware, routes

calm()
app = st.App(SCRIPT, routes=routes(), middleware=middleware(), lifespan=lifespan)

if __name__ == "__main__":
    serve(app)
