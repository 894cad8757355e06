from django.urls import path

from steering.views import about, client, dashboard, today

app_name = "steering"
urlpatterns = [
    path("", today.page, name="today"),
    path("clients/<uuid:ref>/", client.client, name="client"),
    path("overview/", dashboard.page, name="dashboard"),
    path("help/", about.help_page, name="help"),
    path("accessibility/", about.accessibility, name="accessibility"),
    path("privacy/", about.privacy, name="privacy"),
]
