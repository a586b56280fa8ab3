"""Addresses of the door, under /accounts/."""

from django.urls import path

from portal.accounts import own, views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("language/", views.language, name="language"),
    path("first/<str:token>/", views.first_administrator, name="first"),
    path("forgotten/", views.forgotten, name="forgotten"),
    path("forgotten/sent/", views.forgotten_sent, name="forgotten-sent"),
    path("reset/done/", views.reset_done, name="reset-done"),
    path("reset/<uidb64>/<token>/", views.Reset.as_view(), name="reset"),
    path("profile/", own.profile, name="profile"),
    path("password/", own.ChangePassword.as_view(), name="password"),
    path("mail-pace/", own.mail_pace, name="mail-pace"),
    path("tokens/", own.token_list, name="tokens"),
    path("tokens/<uuid:token_id>/revoke/", own.revoke, name="revoke-token"),
]
