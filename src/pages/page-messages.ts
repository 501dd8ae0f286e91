import { readableLabel } from "./readable-label.ts";

/**
 * The words the storefront page says by itself (what the merchant wrote is never translated).
 * Numbers arrive already formatted for the locale.
 */
export interface PageMessages {
  language: string;
  dir: "ltr" | "rtl";
  skip_to_menu: string;
  categories: string;
  change_store: string;
  menu: string;
  options: string;
  optional: string;
  choose: (count: string) => string;
  choose_at_least: (count: string) => string;
  choose_between: (min: string, max: string) => string;
  optional_up_to: (max: string) => string;
  default_choice: string;
  includes: string;
  contains: string;
  allergen_note: string;
  menu_updated: string;
  empty_title: string;
  empty_detail: string;
  empty_merchant: string;
  other_stores: string;
  search: string;
  search_menu: string;
  /** What was looked for follows. */
  found_for: string;
  found_nothing_for: string;
  found_nothing_hint: string;
  whole_menu: string;
  /** Why an item cannot be ordered: short, they stand at the end of the price's line. */
  reasons: Record<"hidden" | "no_price" | "snoozed" | "no_stock" | "modifier_unavailable" | "store_paused" | "store_closed", string>;
  /** By the keys of catalog's `ALLERGENS`. Read it with `allergenLabel`. */
  allergens: Record<string, string>;
}

const en: PageMessages = {
  language: "en",
  dir: "ltr",
  skip_to_menu: "Skip to the menu",
  categories: "Menu categories",
  change_store: "Change store",
  menu: "Menu",
  options: "Options",
  optional: "Optional",
  choose: (count) => `Choose ${count}`,
  choose_at_least: (count) => `Choose at least ${count}`,
  choose_between: (min, max) => `Choose ${min} to ${max}`,
  optional_up_to: (max) => `Optional, up to ${max}`,
  default_choice: "Standard",
  includes: "Includes",
  contains: "Contains",
  allergen_note:
    "Allergens are listed as the store declares them, for each item as it is normally made; options can add others. " +
    "If you have an allergy, please ask the staff before you order.",
  menu_updated: "Menu updated",
  empty_title: "This store has no menu yet",
  empty_detail: "Please come back a little later.",
  empty_merchant: "Is this your store? Publish a menu to it and the items appear here within seconds.",
  other_stores: "Other stores",
  search: "Search",
  search_menu: "Search this menu",
  found_for: "Results for",
  found_nothing_for: "Nothing found for",
  found_nothing_hint: "Try fewer or shorter words.",
  whole_menu: "Show the whole menu",
  reasons: {
    hidden: "Unavailable",
    no_price: "Unavailable",
    snoozed: "Not right now",
    no_stock: "Sold out",
    modifier_unavailable: "Options sold out",
    store_paused: "Store paused",
    store_closed: "Closed now",
  },
  allergens: {
    celery: "celery",
    crustaceans: "crustaceans",
    eggs: "eggs",
    fish: "fish",
    gluten: "gluten",
    lupin: "lupin",
    milk: "milk",
    molluscs: "molluscs",
    mustard: "mustard",
    peanuts: "peanuts",
    sesame: "sesame",
    soy: "soy",
    sulphites: "sulphites",
    tree_nuts: "tree nuts",
  },
};

const ar: PageMessages = {
  language: "ar",
  dir: "rtl",
  skip_to_menu: "انتقل إلى القائمة",
  categories: "أقسام القائمة",
  change_store: "تغيير الفرع",
  menu: "القائمة",
  options: "الخيارات",
  optional: "اختياري",
  choose: (count) => `اختر ${count}`,
  choose_at_least: (count) => `اختر ${count} على الأقل`,
  choose_between: (min, max) => `اختر من ${min} إلى ${max}`,
  optional_up_to: (max) => `اختياري، حتى ${max}`,
  default_choice: "أساسي",
  includes: "يشمل",
  contains: "يحتوي على",
  allergen_note:
    "تُذكر مسببات الحساسية كما يصرّح بها المتجر لكل صنف بتحضيره المعتاد، وقد تضيف الخيارات غيرها. إذا كانت لديك حساسية فاسأل الموظفين قبل الطلب.",
  menu_updated: "آخر تحديث للقائمة",
  empty_title: "لا توجد قائمة لهذا الفرع بعد",
  empty_detail: "يرجى العودة بعد قليل.",
  empty_merchant: "هل هذا متجرك؟ انشر قائمة لهذا الفرع وستظهر الأصناف هنا خلال ثوانٍ.",
  other_stores: "فروع أخرى",
  search: "بحث",
  search_menu: "ابحث في القائمة",
  found_for: "نتائج البحث عن",
  found_nothing_for: "لا نتائج عن",
  found_nothing_hint: "جرّب كلمات أقل أو أقصر.",
  whole_menu: "عرض القائمة كاملة",
  reasons: {
    hidden: "غير متوفر",
    no_price: "غير متوفر",
    snoozed: "غير متاح الآن",
    no_stock: "نفدت الكمية",
    modifier_unavailable: "نفدت الخيارات",
    store_paused: "الفرع متوقف مؤقتًا",
    store_closed: "مغلق الآن",
  },
  allergens: {
    celery: "كرفس",
    crustaceans: "قشريات",
    eggs: "بيض",
    fish: "سمك",
    gluten: "غلوتين",
    lupin: "ترمس",
    milk: "حليب",
    molluscs: "رخويات",
    mustard: "خردل",
    peanuts: "فول سوداني",
    sesame: "سمسم",
    soy: "صويا",
    sulphites: "كبريتيت",
    tree_nuts: "مكسرات",
  },
};

const id: PageMessages = {
  language: "id",
  dir: "ltr",
  skip_to_menu: "Langsung ke menu",
  categories: "Kategori menu",
  change_store: "Ganti toko",
  menu: "Menu",
  options: "Pilihan",
  optional: "Opsional",
  choose: (count) => `Pilih ${count}`,
  choose_at_least: (count) => `Pilih minimal ${count}`,
  choose_between: (min, max) => `Pilih ${min} sampai ${max}`,
  optional_up_to: (max) => `Opsional, maksimal ${max}`,
  default_choice: "Standar",
  includes: "Termasuk",
  contains: "Mengandung",
  allergen_note:
    "Alergen dicantumkan sesuai keterangan toko untuk setiap item dengan penyajian biasa; pilihan tambahan dapat mengandung alergen lain. " +
    "Jika Anda memiliki alergi, tanyakan kepada staf sebelum memesan.",
  menu_updated: "Menu diperbarui",
  empty_title: "Toko ini belum memiliki menu",
  empty_detail: "Silakan kembali beberapa saat lagi.",
  empty_merchant: "Ini toko Anda? Terbitkan menu untuk toko ini dan item akan muncul di sini dalam hitungan detik.",
  other_stores: "Toko lain",
  search: "Cari",
  search_menu: "Cari di menu ini",
  found_for: "Hasil untuk",
  found_nothing_for: "Tidak ada hasil untuk",
  found_nothing_hint: "Coba kata yang lebih sedikit atau lebih pendek.",
  whole_menu: "Tampilkan seluruh menu",
  reasons: {
    hidden: "Tidak tersedia",
    no_price: "Tidak tersedia",
    snoozed: "Belum tersedia",
    no_stock: "Habis",
    modifier_unavailable: "Pilihan habis",
    store_paused: "Toko dijeda",
    store_closed: "Sedang tutup",
  },
  allergens: {
    celery: "seledri",
    crustaceans: "krustasea",
    eggs: "telur",
    fish: "ikan",
    gluten: "gluten",
    lupin: "lupin",
    milk: "susu",
    molluscs: "moluska",
    mustard: "moster",
    peanuts: "kacang tanah",
    sesame: "wijen",
    soy: "kedelai",
    sulphites: "sulfit",
    tree_nuts: "kacang pohon",
  },
};

const BY_LANGUAGE = new Map([en, ar, id].map((messages) => [messages.language, messages]));

/** The page's words in `language` (ISO 639), English where they are not translated yet. */
export const pageMessages = (language: string): PageMessages => BY_LANGUAGE.get(language) ?? en;

/** An allergen in the page's words, or as the merchant wrote it. Only own keys count: a merchant may write "constructor". */
export const allergenLabel = (allergen: string, messages: PageMessages): string =>
  (Object.hasOwn(messages.allergens, allergen) ? messages.allergens[allergen] : undefined) ?? readableLabel(allergen);
