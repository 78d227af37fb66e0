// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "tables/formulas.h"
#include "tables/sensor.h"

static double input_value(const struct book_entry *e, const struct book_row *r,
			  int i)
{
	return r->value(r, e->inputs[i].column);
}

static double input_rate(const struct book_entry *e, const struct book_row *r,
			 int i)
{
	return r->rate(r, e->inputs[i].column);
}

/* Times are counted at another moment than the clock is read. */
static double share(double ns_per_s)
{
	double share = ns_per_s / 1e9;

	return share > 1 ? 1 : share < 0 ? 0 : share;
}

double formula_time_share(const struct book_entry *e, const struct book_row *r)
{
	return share(input_rate(e, r, 0));
}

double formula_cpu_whole(const struct book_entry *e, const struct book_row *r)
{
	bool exact = e->inputs[0].column >= WIRE_CPU_EXACT_BUSY_NS;
	uint32_t column = exact ? WIRE_CPU_EXACT_BUSY_NS : WIRE_CPU_USER_NS;
	uint32_t last = exact ? WIRE_CPU_EXACT_IDLE_NS : WIRE_CPU_STEAL_NS;
	double sum = 0;

	for (; column <= last; column++)
		sum += r->mean ? r->mean(r, column) : r->rate(r, column);
	return sum;
}

/* Where no state grew nothing is known. */
static double cpu_part(const struct book_entry *e, const struct book_row *r,
		       double part)
{
	double whole = formula_cpu_whole(e, r);

	if (!(whole > 0))
		return NAN;
	return part > whole ? 1 : part < 0 ? 0 : part / whole;
}

double formula_cpu_share(const struct book_entry *e, const struct book_row *r)
{
	return cpu_part(e, r, input_rate(e, r, 0));
}

double formula_cpu_less(const struct book_entry *e, const struct book_row *r)
{
	return cpu_part(e, r, input_rate(e, r, 0) - input_rate(e, r, 1));
}

double formula_cpu_within(const struct book_entry *e, const struct book_row *r)
{
	double inner = input_rate(e, r, 0), outer = input_rate(e, r, 1);

	return cpu_part(e, r, inner < outer ? inner : outer);
}

double formula_cpu_busy(const struct book_entry *e, const struct book_row *r)
{
	return 1 - cpu_part(e, r, input_rate(e, r, 0) + input_rate(e, r, 1));
}

double formula_sum_of_rates(const struct book_entry *e,
			    const struct book_row *r)
{
	double sum = 0;
	int i;

	for (i = 0; i < e->count; i++)
		sum += input_rate(e, r, i);
	return sum;
}

double formula_queue(const struct book_entry *e, const struct book_row *r)
{
	return input_rate(e, r, 0) / 1e9;
}

double formula_await(const struct book_entry *e, const struct book_row *r)
{
	double ns = 0, operations = 0;
	int i;

	for (i = 0; i < e->count; i += 2) {
		operations += input_rate(e, r, i);
		ns += input_rate(e, r, i + 1);
	}
	return operations > 0 ? ns / operations : NAN;
}

double formula_less(const struct book_entry *e, const struct book_row *r)
{
	double less = input_value(e, r, 0) - input_value(e, r, 1);

	return less >= 0 && input_value(e, r, 1) >= 0 ? less : NAN;
}

double formula_used(const struct book_entry *e, const struct book_row *r)
{
	double all = input_value(e, r, 0);

	return all > 0 ? formula_less(e, r) / all : NAN;
}

double formula_ratio(const struct book_entry *e, const struct book_row *r)
{
	double all = input_value(e, r, 1);

	return all > 0 ? input_value(e, r, 0) / all : NAN;
}

double formula_mount_used(const struct book_entry *e, const struct book_row *r)
{
	double used = input_value(e, r, 0), available = input_value(e, r, 1);

	return used >= 0 && available >= 0 && used + available > 0 ?
		       used / (used + available) :
		       NAN;
}

double formula_mount_error(const struct book_entry *e, const struct book_row *r)
{
	double flags = input_value(e, r, 0);

	return isnan(flags) ? NAN :
			      ((uint64_t)flags &
			       (WIRE_MOUNT_HUNG | WIRE_MOUNT_FAILED)) != 0;
}

double formula_net_rate(const struct book_entry *e, const struct book_row *r)
{
	bool by_bpf = !isnan(input_value(e, r, 2));

	return by_bpf || !isnan(input_rate(e, r, 1)) ? input_value(e, r, 0) :
						       NAN;
}

double formula_clock_ratio(const struct book_entry *e, const struct book_row *r)
{
	return 1 + input_value(e, r, 0) / 65536e6;
}

/* NaN: it is no such type. */
static double own_parts(const struct book_entry *e, const struct book_row *r,
			bool counter)
{
	double type = input_value(e, r, 0);

	if (type == WIRE_OWN_COUNTER_THOUSANDTHS)
		return 1e3;
	if (type == WIRE_OWN_GAUGE_MILLIONTHS)
		return counter ? NAN : 1e6;
	return type == WIRE_OWN_COUNTER ||
			       (type == WIRE_OWN_GAUGE && !counter) ?
		       1 :
		       NAN;
}

double formula_own(const struct book_entry *e, const struct book_row *r)
{
	return input_value(e, r, 1) / own_parts(e, r, false);
}

double formula_own_rate(const struct book_entry *e, const struct book_row *r)
{
	return input_rate(e, r, 1) / own_parts(e, r, true);
}

double formula_measure(const struct book_entry *e, const struct book_row *r)
{
	double type = input_value(e, r, 0);

	return input_value(e, r, 1) /
	       book_sensor(type > 0 ? (uint64_t)type : 0)->parts;
}

static double of_type(const struct book_entry *e, const struct book_row *r,
		      enum wire_sensor_type type)
{
	return input_value(e, r, 0) == type ? formula_measure(e, r) : NAN;
}

double formula_watts(const struct book_entry *e, const struct book_row *r)
{
	if (input_value(e, r, 0) == WIRE_SENSOR_MICRO_JOULE)
		return input_rate(e, r, 1) /
		       book_sensor(WIRE_SENSOR_MICRO_JOULE)->parts;
	return formula_power(e, r);
}

double formula_celsius(const struct book_entry *e, const struct book_row *r)
{
	return of_type(e, r, WIRE_SENSOR_MILLI_CELSIUS);
}

double formula_rpm(const struct book_entry *e, const struct book_row *r)
{
	return of_type(e, r, WIRE_SENSOR_RPM);
}

double formula_volts(const struct book_entry *e, const struct book_row *r)
{
	return of_type(e, r, WIRE_SENSOR_MILLI_VOLT);
}

double formula_power(const struct book_entry *e, const struct book_row *r)
{
	return of_type(e, r, WIRE_SENSOR_MICRO_WATT);
}

double formula_amperes(const struct book_entry *e, const struct book_row *r)
{
	return of_type(e, r, WIRE_SENSOR_MILLI_AMPERE);
}

double formula_joules(const struct book_entry *e, const struct book_row *r)
{
	return of_type(e, r, WIRE_SENSOR_MICRO_JOULE);
}
