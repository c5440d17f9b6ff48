"""The arithmetic of loss, against closed forms and pyfair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from crisislib.core.watch_sections import Risk
from crisislib.risk.fair import (
    FORMS,
    Form,
    coupled,
    exceedance,
    incident_losses,
    pert_ab,
    quantile,
    yearly_losses,
)
from crisislib.risk.loss_forms import assessable


def rng(seed=0):
    return np.random.default_rng(seed)


@settings(max_examples=40)
@given(st.floats(0, 1e6), st.floats(0.01, 1e6), st.floats(0.01, 1e6))
def test_pert_mean_and_support(low, up, more):
    mode, high = low + up, low + up + more
    a, b = pert_ab(low, mode, high)
    mean = low + (high - low) * a / (a + b)
    assert mean == pytest.approx((low + 4 * mode + high) / 6, rel=1e-9)
    drawn = quantile((low, mode, high), np.array([0.0, 0.5, 1.0]))
    assert low <= drawn[0] <= drawn[1] <= drawn[2] <= high * (1 + 1e-12)


def test_pert_variance_is_the_betas():
    drawn = quantile((1.0, 2.0, 7.0), rng().random(200_000))
    a, b = pert_ab(1.0, 2.0, 7.0)
    assert drawn.var() == pytest.approx(36 * a * b / ((a + b) ** 2 * (a + b + 1)), rel=0.01)


def test_same_mean_as_pyfair():
    pyfair = pytest.importorskip("pyfair")
    # pyfair fixes the standard deviation at a sixth of the range, so only the means must agree
    theirs = np.asarray(pyfair.FairBetaPert(low=10, mode=40, high=100, gamma=4).random_variates(100_000))
    ours = quantile((10, 40, 100), rng().random(100_000))
    assert ours.mean() == pytest.approx(theirs.mean(), rel=0.01) == pytest.approx(45, rel=0.01)
    assert theirs.min() >= 10 and ours.min() >= 10 and ours.max() <= 100


def test_the_inverse_is_the_betas():
    u = rng().random(2000)
    exact = 1 + 6 * stats.beta.ppf(u, *pert_ab(1.0, 2.0, 7.0))
    assert np.abs(quantile((1.0, 2.0, 7.0), u) - exact).max() < 6e-5


def test_lognormal_meets_its_ends():
    drawn = quantile((1e4, 5e4, 1e6), np.array([0.05, 0.95]), "lognormal")
    assert drawn == pytest.approx([1e4, 1e6])


def test_copula_has_uniform_margins_and_its_correlation():
    u = coupled(rng(), 200_000, 3, 0.4)
    assert stats.kstest(u[:, 1], "uniform").statistic < 0.005
    # Spearman's rho of a Gaussian copula: (6/π)·asin(ρ/2)
    assert stats.spearmanr(u[:, 0], u[:, 2]).statistic == pytest.approx(6 / np.pi * np.arcsin(0.2), abs=0.01)


def test_compound_poisson_mean_and_variance():
    forms = [Form("response", (10.0, 20.0, 60.0), "given"), Form("replacement", (0.0, 5.0, 10.0), "given")]
    one = incident_losses(rng(1), forms, 200_000, secondary=1.0, rho=0.4).sum(axis=1)
    years = yearly_losses(rng(2), forms, 200_000, rate=(3.0, 3.0, 3.0), secondary=1.0, rho=0.4)
    assert years.mean() == pytest.approx(3 * one.mean(), rel=0.01)
    assert years.var() == pytest.approx(3 * (one**2).mean(), rel=0.02)
    assert (years == 0).mean() == pytest.approx(np.exp(-3), rel=0.03)


def test_secondary_loss_follows_with_its_probability():
    forms = [Form("fines", (1.0, 1.0, 1.0), "given"), Form("response", (1.0, 1.0, 1.0), "given")]
    drawn = incident_losses(rng(), forms, 100_000, secondary=0.3, rho=0.0)
    assert drawn[:, 0].mean() == pytest.approx(0.3, abs=0.01) and (drawn[:, 1] == 1).all()


def test_exceedance_falls_and_meets_the_quantiles():
    losses = rng().lognormal(0, 1, 10_000)
    loss, p = exceedance(losses)
    assert (np.diff(loss) >= 0).all() and (np.diff(p) < 0).all()
    assert loss[np.isclose(p, 0.1)][0] == pytest.approx(np.quantile(losses, 0.9))


def test_forms_are_given_derived_or_missing_but_never_invented():
    assert assessable(Risk(), severity=None) == ([], list(FORMS))
    forms, missing = assessable(Risk(forms={"fines": (0, 1, 2)}, daily_revenue=(1, 2, 3)), severity=None)
    assert {f.name: f.source for f in forms} == {"productivity": "derived", "fines": "given"}
    assert "reputation" in missing and len(missing) == 4


def test_severity_moves_the_most_likely_value_within_the_range():
    spans = [assessable(Risk(forms={"fines": (0, 4, 10)}), severity=s)[0][0].span for s in (0.0, 0.5, 1.0)]
    assert [s[1] for s in spans] == [2, 4, 7] and {s[0] for s in spans} == {0} and {s[2] for s in spans} == {10}


def test_wrong_ranges_are_named():
    for wrong in (
        {"forms": {"fines": (5, 1, 2)}},
        {"forms": {"colour": (0, 1, 2)}},
        {"daily_revenue": (0, float("nan"), 1)},
        {"customers": (-1, 1, 2)},
        {"market_value": -1},
        {"market_value": float("inf")},
    ):
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            Risk(**wrong)


RANGE = st.tuples(st.floats(1, 1e6), st.floats(0, 1e6), st.floats(0, 1e6)).map(
    lambda r: (r[0], r[0] + r[1], r[0] + r[1] + r[2])
)


def mean_loss(risk):
    """Mean loss of an incident as the product computes it, all else equal."""
    forms, _ = assessable(risk, severity=0.5)
    return incident_losses(rng(), forms, 2000, secondary=0.5, rho=0.4).sum(axis=1).mean()


@settings(max_examples=25)
@given(RANGE, RANGE, st.floats(1, 1e9), st.floats(1.01, 1000), st.booleans())
def test_loss_grows_with_revenue_customers_and_market_value(revenue, customers, value, factor, more_given):
    money = {"daily_revenue": revenue, "customers": customers, "market_value": value}
    money["forms"] = {"response": (10, 50, 300)} if more_given else {}
    before = mean_loss(Risk(**money))
    for name, own in (("daily_revenue", revenue), ("customers", customers), ("market_value", value)):
        more = own * factor if isinstance(own, float) else tuple(x * factor for x in own)
        assert mean_loss(Risk(**{**money, name: more})) > before, name
        less = {key: given for key, given in money.items() if key != name}
        assert mean_loss(Risk(**less)) <= before, f"without {name}"


def test_what_is_derived_follows_the_documented_formulas():
    risk = Risk(daily_revenue=(10, 20, 30), customers=(999_999, 999_999, 999_999), market_value=1e6)
    spans = {f.name: f.span for f in assessable(risk, severity=None)[0]}
    assert spans["productivity"] == (0, pytest.approx(3), 60)
    assert spans["reputation"] == (0, pytest.approx(365 * 20 * 0.001), pytest.approx(365 * 30 * 0.01))
    assert spans["competitive_advantage"] == (0, pytest.approx(500), pytest.approx(15_000))
    fewer = Risk(daily_revenue=(10, 20, 30), customers=(999, 999, 999))
    half = {f.name: f.span for f in assessable(fewer, severity=None)[0]}
    assert half["reputation"][1] == pytest.approx(spans["reputation"][1] / 2)
    given = Risk(daily_revenue=(10, 20, 30), customers=(1, 1, 1), forms={"reputation": (1, 2, 3)})
    assert {f.name: f.span for f in assessable(given, severity=None)[0]}["reputation"] == (1, 2, 3)


def test_one_form_more_leaves_the_others_as_they_were():
    few = incident_losses(rng(), [Form("fines", (0, 1, 9), "given")], 500, secondary=0.5, rho=0.4)
    more = [Form("response", (0, 1, 9), "given"), Form("fines", (0, 1, 9), "given")]
    assert np.array_equal(incident_losses(rng(), more, 500, secondary=0.5, rho=0.4)[:, 1], few[:, 0])
