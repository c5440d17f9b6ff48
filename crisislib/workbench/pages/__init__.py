"""The pages of the dashboards as one shared process serves them: page models, templates, handlers."""
