/* lists.c - a linked list sorted by merging, a hash table with chains, a binary tree: pointers, all from one arena. */
#include "tests/cc/say.h"

typedef struct node {
    struct node *next, *left, *right;
    uint32_t key, count;
} node;

static node arena[6000];
static unsigned used;

static node *fresh(uint32_t key)
{
    node *made = &arena[used++];
    *made = (node){.key = key, .count = 1};
    return made;
}

static node *merge(node *a, node *b)
{
    node *head = 0, **end = &head;
    while (a != 0 && b != 0) {
        node **least = a->key <= b->key ? &a : &b;
        *end = *least;
        end = &(*least)->next;
        *least = (*least)->next;
    }
    *end = a != 0 ? a : b;
    return head;
}

static node *sorted(node *list)
{
    if (list == 0 || list->next == 0)
        return list;
    node *slow = list, *fast = list->next;
    for (; fast != 0 && fast->next != 0; fast = fast->next->next)
        slow = slow->next;
    node *second = slow->next;
    slow->next = 0;
    return merge(sorted(list), sorted(second));
}

static node *buckets[256];
static void count_key(uint32_t key)
{
    node **at = &buckets[key * 2654435761u >> 24];
    for (; *at != 0; at = &(*at)->next)
        if ((*at)->key == key) {
            (*at)->count++;
            return;
        }
    *at = fresh(key);
}

static node *root;
static void insert(uint32_t key)
{
    node **at = &root;
    while (*at != 0)
        at = key < (*at)->key ? &(*at)->left : &(*at)->right;
    *at = fresh(key);
}

static uint32_t walk(const node *at, uint32_t sum, int depth)
{
    return at == 0 ? sum : walk(at->right, mixed(walk(at->left, sum, depth + 1), at->key + (uint32_t)depth), depth + 1);
}

int main(void)
{
    node *list = 0;
    for (int i = 0; i < 2000; i++) {
        node *made = fresh(chance() % 10000);
        made->next = list;
        list = made;
    }
    uint32_t sum = 0, last = 0, ordered = 1;
    for (node *at = sorted(list); at != 0; at = at->next) {
        ordered &= at->key >= last;
        sum = mixed(sum, last = at->key);
    }
    say("%u %x\n", ordered, sum);
    for (int i = 0; i < 6000; i++)
        count_key(chance() % 1000);
    sum = 0;
    for (int i = 0; i < 256; i++)
        for (node *at = buckets[i]; at != 0; at = at->next)
            sum = mixed(sum, at->key * 7 + at->count);
    for (int i = 0; i < 2000; i++)
        insert(chance());
    say("%x %x %u\n", sum, walk(root, 0, 0), used);
    return 0;
}
