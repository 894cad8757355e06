"""Pages that anybody may read: help, accessibility and privacy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import public


@public
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "steering/help.html")


@public
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "steering/accessibility.html")


@public
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "steering/privacy.html")
