"""The page shell: what every page of Heed shares, without a word of the domain.

`shell.init_app` gives the application its security headers, error pages and template helpers. `templates/web/` holds
the page frames, `templates/components/` one macro file per component, `templates/respond/` the customer's page with
its own small style sheet. `htmx` answers with a fragment or a whole page. Styles and scripts are built from `frontend/`
into `static/build/`. This room owns the words *frame* (what stands around a page), *component* and *asset*.
"""
