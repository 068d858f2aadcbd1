/* learn/exact.c - see exact.h */
#include "learn/exact.h"

#include <string.h>

static const double ln2 = 0x1.62e42fefa39efp-1;

/* 2^n for n in [-1022, 1023] */
static double power_of_two(int n)
{
	uint64_t bits = (uint64_t)(n + 1023) << 52;
	double result;
	memcpy(&result, &bits, sizeof result);
	return result;
}

double exact_exp(double x)
{
	x = x > 700 ? 700 : x < -700 ? -700 : x;
	double scaled = x / ln2;
	int n = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
	double r = x - n * ln2; /* |r| <= 0.35: twelve terms of the series are good to 1e-15 */
	double sum = 1;
	for (int k = 12; k > 0; k--)
		sum = 1 + sum * (r * (1.0 / k));
	return sum * power_of_two(n);
}

double exact_log(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	int n = (int)(bits >> 52 & 0x7FF) - 1023;
	bits = (bits & 0xFFFFFFFFFFFFFu) | (uint64_t)1023 << 52;
	double m;
	memcpy(&m, &bits, sizeof m);
	if (m > 1.4142135623730951) {
		m /= 2;
		n++;
	}
	double t = (m - 1) / (m + 1), t2 = t * t; /* |t| <= 0.172: ln m = 2 (t + t^3/3 + t^5/5 + ...) */
	double sum = 0;
	for (int k = 17; k > 0; k -= 2)
		sum = 1.0 / k + t2 * sum;
	return 2 * t * sum + n * ln2;
}

double exact_logistic(double x) { return 1 / (1 + exact_exp(-x)); }

double exact_squash(double x, double bound)
{
	double e = exact_exp(2 * x / bound);
	return bound * ((e - 1) / (e + 1));
}

int32_t exact_round(double x)
{
	if (x >= INT32_MAX)
		return INT32_MAX;
	if (x <= INT32_MIN)
		return INT32_MIN;
	return (int32_t)(x < 0 ? x - 0.5 : x + 0.5);
}
