/* trap/operators.c - see operators.h */
#include "trap/operators.h"

#include "base/record.h"

#include <stdlib.h>
#include <xxhash.h>

/* Nodes are machines and things used; machines come first in the numbering of a set, so that its root is one. */
enum { FORMAT = 1, SLOTS = LIMIT_OPERATOR_EDGES * 4, NODES = LIMIT_OPERATOR_EDGES * 2 };
#define FREE UINT32_MAX

struct edge {
	uint32_t machine;
	uint64_t thing;
	int64_t time;
};

struct node {
	uint64_t key;
	uint32_t parent;
	uint32_t machine; /* FREE: a thing */
};

struct operators {
	uint64_t secret; /* nobody outside can choose what falls together in the table */
	uint32_t *slots; /* node of each key; open addressing, at most half full */
	struct node *nodes;
	uint32_t n_nodes;
	struct operator_machine *machines;
	uint32_t *machine_node;
	uint32_t n_machines;
	struct edge *edges;
	uint32_t n_edges;
};

static void *must(size_t n, size_t size)
{
	void *p = calloc(n, size);
	if (!p)
		abort();
	return p;
}

static void clear_nodes(struct operators *o)
{
	memset(o->slots, 0xff, SLOTS * sizeof *o->slots);
	o->n_nodes = 0;
}

struct operators *operators_new(uint64_t secret)
{
	struct operators *o = must(1, sizeof *o);
	o->secret = secret;
	o->slots = must(SLOTS, sizeof *o->slots);
	o->nodes = must(NODES, sizeof *o->nodes);
	o->machines = must(LIMIT_OPERATOR_EDGES, sizeof *o->machines);
	o->machine_node = must(LIMIT_OPERATOR_EDGES, sizeof *o->machine_node);
	o->edges = must(LIMIT_OPERATOR_EDGES, sizeof *o->edges);
	clear_nodes(o);
	return o;
}

void operators_free(struct operators *o)
{
	if (!o)
		return;
	free(o->slots);
	free(o->nodes);
	free(o->machines);
	free(o->machine_node);
	free(o->edges);
	free(o);
}

static uint64_t key_of(const struct operators *o, uint64_t kind, struct span what)
{
	return XXH3_64bits_withSeed(what.p ? what.p : (const uint8_t *)"", what.n, o->secret + kind);
}

static uint64_t ip_key(const struct operators *o, const struct ip *ip) { return key_of(o, 1000, span_of(ip->b, sizeof ip->b)); }

static uint32_t *slot_of(const struct operators *o, uint64_t key)
{
	uint32_t i = (uint32_t)(key >> 20) % SLOTS;
	while (o->slots[i] != FREE && o->nodes[o->slots[i]].key != key)
		i = (i + 1) % SLOTS;
	return &o->slots[i];
}

static uint32_t node_for(struct operators *o, uint64_t key)
{
	uint32_t *slot = slot_of(o, key);
	if (*slot == FREE) {
		*slot = o->n_nodes;
		o->nodes[o->n_nodes] = (struct node){ .key = key, .parent = o->n_nodes, .machine = FREE };
		o->n_nodes++;
	}
	return *slot;
}

/* With every step the path is halved: nearly constant. */
static uint32_t root_of(struct operators *o, uint32_t node)
{
	struct node *v = o->nodes;
	while (v[node].parent != node)
		node = v[node].parent = v[v[node].parent].parent;
	return node;
}

/* The older machine names the set; a thing never does once there is a machine. */
static void unite(struct operators *o, uint32_t a, uint32_t b)
{
	a = root_of(o, a);
	b = root_of(o, b);
	if (a == b)
		return;
	if (o->nodes[a].machine <= o->nodes[b].machine)
		o->nodes[b].parent = a;
	else
		o->nodes[a].parent = b;
}

static void rebuild(struct operators *o)
{
	clear_nodes(o);
	for (uint32_t i = 0; i < o->n_machines; i++) {
		o->machine_node[i] = node_for(o, ip_key(o, &o->machines[i].ip));
		o->nodes[o->machine_node[i]].machine = i;
	}
	for (uint32_t i = 0; i < o->n_edges; i++)
		unite(o, o->machine_node[o->edges[i].machine], node_for(o, o->edges[i].thing));
}

/* What is full loses its older half: ties, or machines with theirs. */
static void forget(struct operators *o)
{
	uint32_t kept = 0;
	uint32_t skip_edges = o->n_edges == LIMIT_OPERATOR_EDGES ? o->n_edges / 2 : 0;
	uint32_t skip_machines = o->n_machines == LIMIT_OPERATOR_EDGES ? o->n_machines / 2 : 0;
	memmove(o->machines, o->machines + skip_machines, (o->n_machines - skip_machines) * sizeof *o->machines);
	o->n_machines -= skip_machines;
	for (uint32_t i = skip_edges; i < o->n_edges; i++) {
		if (o->edges[i].machine < skip_machines)
			continue;
		o->edges[kept] = o->edges[i];
		o->edges[kept++].machine -= skip_machines;
	}
	o->n_edges = kept;
	rebuild(o);
}

static uint32_t machine_of(const struct operators *o, const struct ip *ip)
{
	uint32_t node = *slot_of(o, ip_key(o, ip));
	return node == FREE ? FREE : o->nodes[node].machine;
}

const struct operator_machine *operators_find(const struct operators *o, const struct ip *ip)
{
	uint32_t machine = machine_of(o, ip);
	return machine == FREE ? NULL : &o->machines[machine];
}

uint32_t operators_of(struct operators *o, const struct ip *ip)
{
	uint32_t machine = machine_of(o, ip);
	return machine == FREE ? FREE : o->nodes[root_of(o, o->machine_node[machine])].machine;
}

uint32_t operators_see(struct operators *o, const struct operator_sight *sight)
{
	uint32_t i = machine_of(o, &sight->ip);
	if (i == FREE) {
		if (o->n_machines == LIMIT_OPERATOR_EDGES)
			forget(o);
		i = o->n_machines++;
		o->machines[i] =
		    (struct operator_machine){ .ip = sight->ip, .first = sight->time, .listed = sight->listed, .as = sight->as };
		memcpy(o->machines[i].country, sight->country, sizeof sight->country);
		o->machine_node[i] = node_for(o, ip_key(o, &sight->ip));
		o->nodes[o->machine_node[i]].machine = i;
	}
	struct operator_machine *m = &o->machines[i];
	m->last = sight->time > m->last ? sight->time : m->last;
	m->probes += sight->probe;
	m->payloads += sight->payload;
	return o->nodes[root_of(o, o->machine_node[i])].machine;
}

void operators_tie(struct operators *o, const struct ip *ip, enum operator_tie tie, struct span what, int64_t time)
{
	uint32_t machine = machine_of(o, ip);
	if (machine == FREE)
		return;
	uint64_t thing = key_of(o, tie, what);
	uint32_t *slot = slot_of(o, thing);
	bool known = *slot != FREE && root_of(o, *slot) == root_of(o, o->machine_node[machine]);
	if (known)
		return;
	if (o->n_edges == LIMIT_OPERATOR_EDGES) {
		forget(o);
		machine = machine_of(o, ip);
		if (machine == FREE)
			return;
	}
	o->edges[o->n_edges++] = (struct edge){ machine, thing, time };
	unite(o, o->machine_node[machine], node_for(o, thing));
}

uint32_t operators_machines(const struct operators *o) { return o->n_machines; }
const struct operator_machine *operators_at(struct operators *o, uint32_t i, uint32_t *ret_operator)
{
	*ret_operator = o->nodes[root_of(o, o->machine_node[i])].machine;
	return &o->machines[i];
}

void operators_write(const struct operators *o, struct buf *out)
{
	record_put_number(out, FORMAT);
	record_put_number(out, o->secret);
	record_put_number(out, o->n_machines);
	for (uint32_t i = 0; i < o->n_machines; i++) {
		const struct operator_machine *m = &o->machines[i];
		buf_put(out, span_of(m->ip.b, sizeof m->ip.b));
		record_put_signed(out, m->first);
		record_put_signed(out, m->last);
		record_put_number(out, m->probes);
		record_put_number(out, m->payloads);
		record_put_number(out, m->listed);
		record_put_text(out, span_cstr(m->country));
		record_put_number(out, m->as);
	}
	record_put_number(out, o->n_edges);
	for (uint32_t i = 0; i < o->n_edges; i++) {
		record_put_number(out, o->edges[i].machine);
		record_put_number(out, o->edges[i].thing);
		record_put_signed(out, o->edges[i].time);
	}
}

static void read_machine(struct cursor *c, struct operator_machine *m)
{
	struct span ip = cursor_take(c, sizeof m->ip.b);
	*m = (struct operator_machine){ .first = record_signed(c), .last = 0 };
	memcpy(m->ip.b, ip.p, ip.n);
	m->last = record_signed(c);
	m->probes = (uint32_t)record_below(c, UINT32_MAX);
	m->payloads = (uint32_t)record_below(c, UINT32_MAX);
	m->listed = record_below(c, 2);
	struct span country = record_text(c);
	if (country.n < sizeof m->country)
		memcpy(m->country, country.p, country.n);
	m->as = (uint32_t)record_below(c, UINT32_MAX);
}

static void read_edge(const struct operators *o, struct cursor *c, struct edge *edge)
{
	edge->machine = (uint32_t)record_below(c, o->n_machines);
	edge->thing = record_number(c);
	edge->time = record_signed(c);
}

int operators_read(struct operators *o, struct cursor *c)
{
	o->n_machines = o->n_edges = 0;
	if (record_number(c) != FORMAT)
		c->overrun = true;
	uint64_t secret = record_number(c), n = record_below(c, LIMIT_OPERATOR_EDGES + 1);
	for (uint64_t i = 0; i < n && !c->overrun; i++) {
		read_machine(c, &o->machines[i]);
		o->n_machines++;
	}
	uint64_t edges = record_below(c, LIMIT_OPERATOR_EDGES + 1);
	for (uint64_t i = 0; i < edges && !c->overrun; i++)
		read_edge(o, c, &o->edges[o->n_edges++]);
	if (c->overrun)
		o->n_machines = o->n_edges = 0;
	else
		o->secret = secret;
	rebuild(o);
	return c->overrun ? ERR_SYNTAX : 0;
}
