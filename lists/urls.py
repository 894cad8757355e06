from django.urls import path

from lists import views

app_name = "lists"
urlpatterns = [
    path("lists/", views.imports, name="imports"),
    path("lists/upload/", views.upload, name="upload"),
    path("lists/rows/<uuid:ref>/", views.mend, name="mend"),
    path("lists/<uuid:ref>/", views.one, name="import"),
    path("lists/<uuid:ref>/progress/", views.progress, name="progress"),
    path("lists/<uuid:ref>/answers/", views.answer, name="answer"),
    path("lists/<uuid:ref>/columns/", views.columns, name="columns"),
    path("lists/<uuid:ref>/confirm/", views.confirm, name="confirm"),
    path("lists/<uuid:ref>/cancel/", views.cancel, name="cancel"),
]
