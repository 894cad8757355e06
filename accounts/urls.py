from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("language/", views.set_language, name="set_language"),
    path("role/", views.choose_membership, name="choose_membership"),
    path("account/", views.account, name="account"),
    path("account/password/", views.password, name="password"),
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/add/", views.add_organisation, name="add_organisation"),
    path("organisations/<uuid:ref>/", views.organisation, name="organisation"),
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/add/", views.add_account, name="add_account"),
    path("accounts/<uuid:ref>/end/", views.end_membership, name="end_membership"),
    path("audit/", views.audit, name="audit"),
]
